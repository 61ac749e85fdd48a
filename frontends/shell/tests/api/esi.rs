//! Parsing ESI.

use shell::{Node, parse};

fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

fn include(src: &str) -> Node {
    Node::Include {
        src: src.to_owned(),
        alt: None,
        optional: false,
    }
}

#[test]
fn documents_without_esi_are_unchanged() {
    for document in ["", "plain", "<!-- a comment --> <p>&amp;</p>", "a --> b", "<esim>"] {
        let expected = if document.is_empty() {
            vec![]
        } else {
            vec![text(document)]
        };
        assert_eq!(parse(document), Ok(expected), "{document}");
    }
}

#[test]
fn all_tags_are_parsed() {
    let document = "a<esi:include src=\"/x\" alt='/y' onerror=\"continue\"/><esi:remove>no <esi:include src=\"/n\"/></esi:remove>\
        <esi:comment text=\"no\"/><!--esi b<esi:include src=\"/z\"></esi:include> -->c";
    let first = Node::Include {
        src: "/x".into(),
        alt: Some("/y".into()),
        optional: true,
    };
    assert_eq!(
        parse(document),
        Ok(vec![text("a"), first, text(" b"), include("/z"), text(" "), text("c")])
    );
}

#[test]
fn nested_tries_are_parsed() {
    let inner = "<esi:try><esi:attempt>1</esi:attempt><esi:except>2</esi:except></esi:try>";
    let document = format!("<esi:try> <esi:attempt>{inner}</esi:attempt> <esi:except>3</esi:except></esi:try>");
    let inner = Node::Try {
        attempt: vec![text("1")],
        except: vec![text("2")],
    };
    assert_eq!(
        parse(&document),
        Ok(vec![Node::Try {
            attempt: vec![inner],
            except: vec![text("3")]
        }])
    );
}

#[test]
fn malformed_tags_are_errors() {
    let broken = [
        "<esi:include/>",
        "<esi:include src=/x/>",
        "<esi:include src=\"/x",
        "<esi:try>",
        "</esi:try>",
        "<esi:try></esi:attempt>",
        "<esi:unknown/>",
        "<esi:",
        "<esi:include src",
        "<esi:include SRC=\"x\"/>",
    ];
    for document in broken {
        assert!(parse(document).is_err(), "{document}");
    }
}
