//! Detecting misspelt settings in the environment.

use std::collections::BTreeSet;

/// The prefix of all settings.
const PREFIX: &str = "STOA_";
/// The least similarity of a name to suggest.
const ALIKE: f64 = 0.6;

/// The names of this process' variables.
pub(super) fn names() -> BTreeSet<String> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// Returns an error that lists the variables with the prefix of settings that are not settings. If they were ignored, a
/// misspelt one would silently have no effect.
pub(super) fn check(environment: &BTreeSet<String>, known: &[String]) -> Result<(), String> {
    let unknown = environment
        .iter()
        .filter(|name| name.starts_with(PREFIX) && !known.contains(name) && !is_of_cluster(name, environment));
    let lines: Vec<_> = unknown.map(|name| line(name, known)).collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(lines.join("\n"))
    }
}

fn line(name: &str, known: &[String]) -> String {
    let refusal = format!("unknown setting '{name}' in the environment");
    match nearest(name, known) {
        Some(nearest) => format!("{refusal}; did you mean '{nearest}'?"),
        None => refusal,
    }
}

fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let own = |name: &str| name.strip_prefix(PREFIX).map(str::to_owned);
    let name = own(name)?;
    let alike = known.iter().filter_map(|known| {
        let likeness = strsim::normalized_damerau_levenshtein(&name, &own(known)?);
        (likeness >= ALIKE).then_some((known.as_str(), likeness))
    });
    let nearest = alike.max_by(|(_, one), (_, other)| one.total_cmp(other));
    nearest.map(|(known, _)| known)
}

/// Returns whether Kubernetes has set the variable: for a service named `stoa-things`, each container has
/// `STOA_THINGS_SERVICE_HOST`, `STOA_THINGS_SERVICE_PORT`, `STOA_THINGS_PORT`, `STOA_THINGS_PORT_80_TCP_ADDR` and
/// [others](https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). The first one always
/// exists together with the others.
fn is_of_cluster(name: &str, environment: &BTreeSet<String>) -> bool {
    let services = environment.iter().filter_map(|name| name.strip_suffix("_SERVICE_HOST"));
    let ending = |service: &str| name.strip_prefix(service)?.strip_prefix('_');
    services.filter_map(ending).any(|ending| {
        let is_service = ending == "SERVICE_HOST" || ending == "SERVICE_PORT" || ending.starts_with("SERVICE_PORT_");
        is_service || ending == "PORT" || ending.strip_prefix("PORT_").is_some_and(is_link)
    })
}

/// The form of Docker's links: `80_TCP`, `80_TCP_ADDR`.
fn is_link(text: &str) -> bool {
    let mut words = text.split('_');
    let port = words.next().unwrap_or_default();
    let protocol = words.next().unwrap_or_default();
    let what = words.next();
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_what = what.is_none_or(|what| ["PROTO", "PORT", "ADDR"].contains(&what));
    is_port && ["TCP", "UDP", "SCTP"].contains(&protocol) && is_what && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_names(names: &[&str]) -> Result<(), String> {
        let known = ["STOA_LISTEN", "STOA_LOG", "STOA_THREADS", "STOA_THINGS_URL"].map(str::to_owned);
        check(&names.iter().map(|name| (*name).to_owned()).collect(), &known)
    }

    #[test]
    fn misspelt_variable_is_refused_with_the_nearest_name() {
        assert_eq!(check_names(&["STOA_LISTEN", "PATH", "LISTEN", "OTEL_TRACES"]), Ok(()));
        for (misspelt, meant) in [
            ("STOA_LISTN", "STOA_LISTEN"),
            ("STOA_LSITEN", "STOA_LISTEN"),
            ("STOA_THING_URL", "STOA_THINGS_URL"),
            ("STOA_THREAD", "STOA_THREADS"),
        ] {
            let expected = format!("unknown setting '{misspelt}' in the environment; did you mean '{meant}'?");
            assert_eq!(check_names(&["STOA_LOG", misspelt]), Err(expected));
        }
    }

    #[test]
    fn unknown_variable_without_a_similar_setting_is_refused() {
        let refusal = check_names(&["STOA_EVENTS", "STOA_"]).unwrap_err();
        let expected = "unknown setting 'STOA_' in the environment\nunknown setting 'STOA_EVENTS' in the environment";
        assert_eq!(refusal, expected);
    }

    #[test]
    fn variables_of_kubernetes_are_ignored() {
        let of_cluster = [
            "STOA_THINGS_SERVICE_HOST",
            "STOA_THINGS_SERVICE_PORT",
            "STOA_THINGS_SERVICE_PORT_HTTP",
            "STOA_THINGS_PORT",
            "STOA_THINGS_PORT_80_TCP",
            "STOA_THINGS_PORT_80_TCP_PROTO",
            "STOA_THINGS_PORT_80_TCP_PORT",
            "STOA_THINGS_PORT_80_TCP_ADDR",
            // Of a service that is named `stoa`.
            "STOA_SERVICE_HOST",
            "STOA_PORT_53_UDP",
        ];
        assert_eq!(check_names(&of_cluster), Ok(()));
        for name in [
            "STOA_THINGS_PORT",
            "STOA_THINGS_PORT_80_TCP",
            "STOA_THINGS_SERVICE_PORT",
        ] {
            assert!(check_names(&[name]).is_err(), "{name}");
        }
        for name in [
            "STOA_THINGS_PORT_80",
            "STOA_THINGS_PORT_X_TCP",
            "STOA_THINGS_PORT_80_TCP_HOST",
            "STOA_THINGS_HOST",
        ] {
            assert!(check_names(&["STOA_THINGS_SERVICE_HOST", name]).is_err(), "{name}");
        }
    }
}
