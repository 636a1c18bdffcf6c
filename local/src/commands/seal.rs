//! `tokenbooth seal`: builds a security or user token without a server (X10).

use std::path::PathBuf;

use api::{BootError, Clock};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgGroup, Args};
use crypto::CryptoError;
use model::{
    BuiltToken, Field, Format, OpenTokenSet, Plaintext, TokenFields, TokenKind, build_token,
    default_token_set, seal_text,
};

use crate::commands::project_settings::{ProjectSettings, read_text};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("kind").required(true))]
#[command(after_help = "Examples:
  A security token of the demo project:
    tokenbooth seal --security-token --field AppId=shop
  A combined token of a project, ready for a URL:
    tokenbooth seal --settings project.json --combined --field AppId=shop --field UserName=jd \\
      --field 'Display=John Doe' --url-encoded
  A token of a plaintext that you wrote yourself:
    tokenbooth seal --settings project.json --user-token --plaintext user.xml

Context and AppKey come from the settings and GenDT from the clock, unless --field gives them.")]
pub(crate) struct Seal {
    /// The project's downloaded settings, or a demo.json
    #[arg(long, value_name = "FILE", default_value = ".tokenbooth/demo.json")]
    settings: PathBuf,
    /// The token set to encrypt with; the default is the first active one that authenticates, or else the first active one
    #[arg(long, value_name = "NAME")]
    token_set: Option<String>,
    /// Build a security token: Context, AppId, AppKey, GenDT, and Client if given
    #[arg(long, group = "kind")]
    security_token: bool,
    /// Build a user token: UserName, Display, and Email, Profile, ExtId, ExtRef, ExtData, ExtFlags if given
    #[arg(long, group = "kind")]
    user_token: bool,
    /// Build one token that combines both
    #[arg(long, group = "kind")]
    combined: bool,
    /// The format of the plaintext
    #[arg(long, default_value = "xml", value_parser = PossibleValuesParser::new(["xml", "json", "form"]).map(format))]
    format: Format,
    /// A field; repeat the option for more
    #[arg(long = "field", value_name = "NAME=TEXT")]
    fields: Vec<String>,
    /// A file with the whole plaintext, encrypted as it is; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fields", "format"])]
    plaintext: Option<PathBuf>,
    /// Print the token in URL encoding
    #[arg(long)]
    url_encoded: bool,
}

pub(crate) fn run(arguments: &Seal) -> Result<(), BootError> {
    let project = ProjectSettings::read(&arguments.settings, arguments.token_set.as_deref())?;
    let (name, set) =
        default_token_set(&project.sets, |(_, set)| set.cipher.mode()).ok_or("there is no token set")?;
    let built = match &arguments.plaintext {
        Some(path) => seal_plaintext(&read_text(path)?, arguments.kind(), set)?,
        None => {
            let plaintext = arguments.plaintext_of_fields(&project, set)?;
            build_token(set, &plaintext, arguments.format).map_err(seal_error)?
        }
    };
    if !set.cipher.mode().is_authenticated() {
        let mode = set.cipher.mode().name();
        eprintln!(
            "tokenbooth: note: token set {name} is {mode}, which does not detect a changed token; GCM does"
        );
    }
    println!("{}", if arguments.url_encoded { built.url_encoded } else { built.token });
    Ok(())
}

impl Seal {
    const fn kind(&self) -> TokenKind {
        match (self.security_token, self.user_token) {
            (true, _) => TokenKind::Security,
            (_, true) => TokenKind::User,
            _ => TokenKind::Combined,
        }
    }

    fn plaintext_of_fields(
        &self,
        project: &ProjectSettings,
        set: &OpenTokenSet,
    ) -> Result<Plaintext, BootError> {
        let mut fields = TokenFields::default();
        for field in &self.fields {
            let (name, text) = field.split_once('=').ok_or("--field takes NAME=TEXT")?;
            fields
                .add(name, text.to_owned())
                .map_err(|error| format!("--field {name}: {error}; {}", field_names()))?;
        }
        let completed = fields.with_defaults(self.kind(), project.context.as_ref(), set);
        let plaintext = completed.complete(self.kind(), Clock::system().now());
        plaintext
            .map_err(|error| format!("{error}; give it with --field NAME=TEXT; {}", field_names()).into())
    }
}

/// Encrypts a plaintext as it is, if it can be read as a token of that kind.
fn seal_plaintext(text: &str, kind: TokenKind, set: &OpenTokenSet) -> Result<BuiltToken, BootError> {
    let plaintext = Plaintext::read(text.as_bytes())?;
    if plaintext.kind() != kind {
        return Err("the plaintext is another kind of token than the one you asked for".into());
    }
    seal_text(set, text.to_owned()).map_err(seal_error)
}

fn seal_error(error: CryptoError) -> BootError {
    match error {
        CryptoError::Length => {
            format!("{error}, and the token set has padding none: fill it up, or use --field").into()
        }
        error => error.into(),
    }
}

fn format(name: String) -> Format {
    match name.as_str() {
        "json" => Format::Json,
        "form" => Format::Form,
        _ => Format::Xml,
    }
}

fn field_names() -> String {
    format!("fields are {}", Field::ALL.map(Field::name).join(", "))
}
