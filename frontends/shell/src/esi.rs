//! A parser for [ESI 1.0](https://www.w3.org/TR/esi-lang/): `include` with `src`, `alt` and `onerror`,
//! `try`/`attempt`/`except`, `remove`, `comment`, `<!--esi … -->`, nested in any way.

/// A node of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Node {
    /// Text that is passed on unchanged.
    Text(String),
    /// A fragment to fetch.
    Include {
        /// Path of the fragment
        src: String,
        /// Path of the alternative that is fetched if `src` fails
        alt: Option<String>,
        /// Whether the fragment is left out if it fails: `onerror="continue"`
        optional: bool,
    },
    /// Content with a fallback.
    Try {
        /// Shown if all of its fragments arrive
        attempt: Vec<Node>,
        /// The fallback
        except: Vec<Node>,
    },
}

/// Where parsing failed, and why.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("byte {at}: {what}")]
pub struct ParseError {
    at: usize,
    what: &'static str,
}

/// Parses a document.
pub fn parse(text: &str) -> Result<Vec<Node>, ParseError> {
    let mut parser = Parser {
        text,
        at: 0,
        comments: 0,
    };
    let nodes = parser.nodes(None)?;
    if parser.at == text.len() {
        Ok(nodes)
    } else {
        Err(parser.error("a closing tag without its opening tag"))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Number of open `<!--esi`
    comments: u32,
}

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
    is_empty: bool,
}

const MARKS: [&str; 4] = ["<esi:", "</esi:", "<!--esi", "-->"];

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, what: &'static str) -> ParseError {
        ParseError { at: self.at, what }
    }

    /// Parses up to the closing tag of `parent`, or to the end.
    fn nodes(&mut self, parent: Option<&str>) -> Result<Vec<Node>, ParseError> {
        let mut nodes = Vec::new();
        loop {
            let text = self.text_before_mark();
            if !text.is_empty() {
                nodes.push(Node::Text(text.to_owned()));
            }
            let rest = self.rest();
            if rest.is_empty() {
                return if parent.is_none() {
                    Ok(nodes)
                } else {
                    Err(self.error("a tag is never closed"))
                };
            } else if rest.starts_with("<!--esi") {
                self.at += "<!--esi".len();
                self.comments += 1;
            } else if rest.starts_with("-->") {
                self.at += "-->".len();
                self.comments -= 1;
            } else if rest.starts_with("</esi:") {
                return self.close(parent).map(|()| nodes);
            } else {
                nodes.extend(self.element()?);
            }
        }
    }

    /// Moves to the next mark. `-->` is a mark only inside `<!--esi`.
    fn text_before_mark(&mut self) -> &'a str {
        let rest = self.rest();
        let is_in_comment = self.comments > 0;
        let marks = if is_in_comment { &MARKS[..] } else { &MARKS[..3] };
        let is_mark = |&(place, _): &(usize, &str)| marks.iter().any(|mark| rest[place..].starts_with(mark));
        let mark = if is_in_comment {
            rest.match_indices(['<', '-']).find(is_mark)
        } else {
            rest.match_indices('<').find(is_mark)
        };
        let end = mark.map_or(rest.len(), |(place, _)| place);
        self.at += end;
        &rest[..end]
    }

    fn close(&mut self, parent: Option<&str>) -> Result<(), ParseError> {
        let end = self
            .rest()
            .find('>')
            .ok_or_else(|| self.error("a tag without its end"))?;
        let name = self.rest()["</esi:".len()..end].trim_end();
        if parent != Some(name) {
            return Err(self.error("a closing tag without its opening tag"));
        }
        self.at += end + 1;
        Ok(())
    }

    fn element(&mut self) -> Result<Vec<Node>, ParseError> {
        let tag = self.tag()?;
        let children = if tag.is_empty {
            Vec::new()
        } else {
            self.children(tag.name)?
        };
        match tag.name {
            "include" => self.include(tag).map(|node| vec![node]),
            "try" => Ok(vec![try_node(children)]),
            "attempt" => Ok(vec![Node::Try {
                attempt: children,
                except: Vec::new(),
            }]),
            "except" => Ok(vec![Node::Try {
                attempt: Vec::new(),
                except: children,
            }]),
            "remove" | "comment" => Ok(Vec::new()),
            _ => Err(self.error("an unknown tag")),
        }
    }

    fn children(&mut self, name: &'a str) -> Result<Vec<Node>, ParseError> {
        self.nodes(Some(name))
    }

    fn include(&self, tag: Tag<'_>) -> Result<Node, ParseError> {
        let mut node = (None, None, false);
        for (name, value) in tag.attributes {
            match name {
                "src" => node.0 = Some(value),
                "alt" => node.1 = Some(value),
                "onerror" => node.2 = value == "continue",
                _ => {}
            }
        }
        let src = node.0.ok_or_else(|| self.error("an include without src"))?;
        Ok(Node::Include {
            src,
            alt: node.1,
            optional: node.2,
        })
    }

    fn tag(&mut self) -> Result<Tag<'a>, ParseError> {
        let rest = &self.rest()["<esi:".len()..];
        let length = rest
            .find(|character: char| !character.is_ascii_lowercase())
            .unwrap_or(rest.len());
        let name = &rest[..length];
        self.at += "<esi:".len() + length;
        let mut attributes = Vec::new();
        loop {
            let rest = self.rest().trim_start();
            self.at = self.text.len() - rest.len();
            if rest.starts_with("/>") {
                self.at += 2;
                return Ok(Tag {
                    name,
                    attributes,
                    is_empty: true,
                });
            }
            if rest.starts_with('>') {
                self.at += 1;
                return Ok(Tag {
                    name,
                    attributes,
                    is_empty: false,
                });
            }
            attributes.push(self.attribute()?);
        }
    }

    fn attribute(&mut self) -> Result<(&'a str, String), ParseError> {
        let rest = self.rest();
        let broken = || self.error("a broken attribute");
        let (name, after) = rest.split_once('=').ok_or_else(broken)?;
        let quote = after
            .chars()
            .next()
            .filter(|quote| ['"', '\''].contains(quote))
            .ok_or_else(broken)?;
        let value = after[1..].split_once(quote).ok_or_else(broken)?.0;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(broken());
        }
        self.at += name.len() + value.len() + "=\"\"".len();
        Ok((name, unescape(value)))
    }
}

/// The two halves of a `try`. Anything else in it is ignored.
fn try_node(children: Vec<Node>) -> Node {
    let mut both = (Vec::new(), Vec::new());
    for child in children {
        if let Node::Try { attempt, except } = child {
            both.0.extend(attempt);
            both.1.extend(except);
        }
    }
    Node::Try {
        attempt: both.0,
        except: both.1,
    }
}

fn unescape(value: &str) -> String {
    value
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
