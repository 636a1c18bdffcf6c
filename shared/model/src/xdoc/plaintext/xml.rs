//! Plaintexts in XML (X2, X8).

use quick_xml::Reader;
use quick_xml::escape::{partial_escape, resolve_xml_entity};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use crate::xdoc::plaintext::parsed::{MAX_PAIRS, Parsed, ParserWork, SECURITY, USER};
use crate::{Field, PlaintextError};

/// A root that contains both kinds of token.
const BOTH: &str = "Tokens";

/// The maximum number of prefixes that a root declares. Each one is compared to all before it.
const MAX_PREFIXES: usize = 8;

/// Parses one root with an element for each field, in any order.
///
/// The accepted subset of XML is: a declaration, character references, the five predefined entities, and
/// CDATA. A DTD ends parsing at its start, so no entity is ever declared. Comments, instructions, other
/// entities, nested elements and attributes are refused as well. The root may declare namespace prefixes,
/// because some writers add them.
pub(crate) fn parse(text: &str) -> Parsed {
    let body = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(body);
    let mut document = Document::default();
    let read = loop {
        match reader.read_event() {
            Ok(Event::Eof) => break document.end(),
            Ok(event) => {
                if let Err(error) = document.handle(event) {
                    break Err(error);
                }
            }
            Err(_) => break Err(PlaintextError::Xml),
        }
    };
    let bytes = text.len() - body.len() + usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    let work =
        ParserWork { bytes: bytes.min(text.len()), pairs: document.pairs.len(), marks: document.marks };
    Parsed { pairs: read.map(|()| document.pairs), work }
}

/// Writes XML as the document shows it: CRLF, four spaces, no declaration, nothing after the root (X4). `>`
/// is escaped too, because a text must not contain `]]>`.
pub(crate) fn write<'f>(root: &str, fields: impl Iterator<Item = (Field, &'f str)>) -> String {
    let mut text = format!("<{root}>\r\n");
    for (field, value) in fields {
        text.push_str(&format!("    <{field}>{}</{field}>\r\n", partial_escape(value)));
    }
    text + &format!("</{root}>")
}

/// The state of the parser.
#[derive(Default)]
struct Document {
    open: Vec<String>,
    parts: Vec<String>,
    is_declared: bool,
    has_root: bool,
    is_field: bool,
    value: String,
    pairs: Vec<(String, String)>,
    marks: usize,
}

impl Document {
    fn handle(&mut self, event: Event<'_>) -> Result<(), PlaintextError> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.close()
            }
            Event::End(_) => self.close(),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.text(&resolve(&reference).ok_or(PlaintextError::Xml)?),
            Event::Decl(declaration) => self.declare(&declaration),
            Event::Comment(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => Err(PlaintextError::Xml),
        }
    }

    /// Accepts one declaration, at the start, with the encoding UTF-8.
    fn declare(&mut self, declaration: &BytesDecl<'_>) -> Result<(), PlaintextError> {
        let is_utf8 = match declaration.encoding() {
            None => true,
            Some(encoding) => encoding.is_ok_and(|name| name.eq_ignore_ascii_case("utf-8")),
        };
        let is_first = !self.has_root && !std::mem::replace(&mut self.is_declared, true);
        if is_first && is_utf8 { Ok(()) } else { Err(PlaintextError::Xml) }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), PlaintextError> {
        let name = start.name().0.to_owned();
        match self.open.as_slice() {
            [] if !self.has_root && (is_part(&name) || name == BOTH) => {}
            [root] if root == BOTH && is_part(&name) && !self.parts.contains(&name) => {
                self.parts.push(name.clone());
            }
            [root] if is_part(root) => {
                Field::named(&name).ok_or(PlaintextError::UnknownField)?;
            }
            [_, part] if is_part(part) => {
                let field = Field::named(&name).ok_or(PlaintextError::UnknownField)?;
                (field.is_security() == (part == SECURITY)).then_some(()).ok_or(PlaintextError::Xml)?;
            }
            _ => return Err(PlaintextError::Xml),
        }
        let is_prefix = |name: &str| self.open.is_empty() && name.starts_with("xmlns:");
        let mut attributes = start.attributes().enumerate();
        if !attributes.all(|(at, it)| at < MAX_PREFIXES && it.is_ok_and(|it| is_prefix(it.key.0))) {
            return Err(PlaintextError::Xml);
        }
        self.has_root = true;
        self.is_field = Field::named(&name).is_some();
        self.value.clear();
        self.open.push(name);
        Ok(())
    }

    fn close(&mut self) -> Result<(), PlaintextError> {
        let name = self.open.pop().ok_or(PlaintextError::Xml)?;
        if std::mem::take(&mut self.is_field) {
            if self.pairs.len() == MAX_PAIRS {
                return Err(PlaintextError::Xml);
            }
            self.pairs.push((name, std::mem::take(&mut self.value)));
        }
        Ok(())
    }

    /// Appends text to a field. Outside of fields, only white space is accepted.
    fn text(&mut self, text: &str) -> Result<(), PlaintextError> {
        self.marks += 1;
        if self.is_field {
            self.value.push_str(text);
        } else if !text.trim_ascii().is_empty() {
            return Err(PlaintextError::Xml);
        }
        Ok(())
    }

    fn end(&self) -> Result<(), PlaintextError> {
        if self.has_root && self.open.is_empty() { Ok(()) } else { Err(PlaintextError::Xml) }
    }
}

/// Whether an element contains the fields of one kind of token.
fn is_part(name: &str) -> bool {
    name == SECURITY || name == USER
}

/// Resolves a character reference or one of the five predefined entities.
fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(character.to_string()),
        Ok(None) => resolve_xml_entity(reference).map(str::to_owned),
        Err(_) => None,
    }
}
