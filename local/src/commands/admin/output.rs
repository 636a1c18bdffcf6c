//! Where the answer of a call goes.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use api::BootError;

use crate::commands::admin::session::Answer;
use crate::private_file::PendingFile;

/// Standard output, or a file that only its owner can read.
pub(crate) enum Output<'p> {
    Stdout,
    File(PendingFile<'p>),
}

impl<'p> Output<'p> {
    /// Checks that the file can be written, if there is one.
    pub(crate) fn open(path: Option<&'p Path>) -> Result<Self, BootError> {
        match path.map(PendingFile::open).transpose() {
            Ok(file) => Ok(file.map_or(Self::Stdout, Self::File)),
            Err(error) => Err(format!("--output: {error}").into()),
        }
    }

    /// Writes the answer; on a terminal it is indented, and its ETag is on standard error.
    pub(crate) fn write(self, answer: &Answer) -> Result<(), BootError> {
        let has_body = !answer.text.is_empty();
        match self {
            Self::File(file) => file.write(&format!("{}\n", answer.text))?,
            Self::Stdout if !has_body => {}
            Self::Stdout if std::io::stdout().is_terminal() => println!("{}", indented(&answer.text)?),
            Self::Stdout => writeln!(std::io::stdout(), "{}", answer.text)?,
        }
        if std::io::stderr().is_terminal() {
            if let Some(etag) = &answer.etag {
                eprintln!("tokenbooth: ETag {etag}");
            }
            if !has_body {
                eprintln!("tokenbooth: done");
            }
        }
        Ok(())
    }
}

/// The same JSON with line breaks, its members in the same order.
fn indented(json: &str) -> Result<String, serde_json::Error> {
    let mut text = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    serde_transcode::transcode(&mut reader, &mut serde_json::Serializer::pretty(&mut text))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indented_json_keeps_the_order_of_its_members() {
        assert_eq!(
            indented(r#"{"b":[1],"a":null}"#).unwrap(),
            "{\n  \"b\": [\n    1\n  ],\n  \"a\": null\n}"
        );
    }
}
