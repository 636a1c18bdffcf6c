//! The text that `tokenbooth serve` prints when the booth is open: its addresses and files, and one request per window to
//! paste. It has no colours, so it is the same in a terminal and in a file.

use std::io::Write as _;
use std::path::Path;

use crate::booth::Booth;

/// Prints `text` on standard output. The booth keeps running if nobody reads it, for example after the terminal was closed.
pub(crate) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        tracing::debug!(%error, "standard output is closed");
    }
}

pub(crate) fn show(booth: &Booth, ephemeral: bool) -> std::io::Result<()> {
    let folder = std::path::absolute(booth.folder()).unwrap_or_else(|_| booth.folder().to_owned());
    let data =
        if ephemeral { "in memory, deleted at the end".to_owned() } else { folder.display().to_string() };
    let program = std::env::current_exe().unwrap_or_else(|_| "tokenbooth".into());
    let (url, token_url) = (&booth.url, &booth.demo.secure_anonymous.token_url);
    print(&format!(
        "tokenbooth is open at {url}

  listens on       {address}
  JWKS             {url}/.well-known/jwks.json
  DynamoDB         http://{dynamodb} (embedded)
  data             {data}
  demo tenant      {demo}, with wider rate limits than other tenants
  for cargo-lambda {environment}

F  a secure anonymous token:
   {program} sign-request --curl --key-file {demo} | curl -sS -X POST -K - {token_url}

K  an access token for an API key:
   curl -sS -H content-type:application/json -d @{redeem} {url}/v1/token

V  a token for a device of a partner's site:
   curl -sS -X POST -K {partner} '{url}/identity/anonymous-token?site={site}&platform=web_browser&deviceId=browser-1'

X  a security token, built and verified:
   curl -sS -K {project} -H content-type:application/json -d '{{\"fields\": {{\"AppId\": \"demo\"}}}}' {projects}/security-tokens |
     sed 's/.*\"url_encoded\":\"\\([^\"]*\\)\".*/XST=\\1/' |
     curl -sS -K {project} -d @- {projects}/tokens/verify

S  a device attached to a user, and a security token signed for that user:
   curl -sS -H 'authorization: Basic {app}:' -H content-type:application/json -d '{{\"user\": \"ada\"}}' {url}/v2/access
   curl -sS -K {project} -H content-type:application/json -d '{{\"user\": \"ada\"}}' {url}/token/sign

OAuth, an access token for the same API key:
   curl -sS -K {client} -d grant_type=client_credentials {url}/oauth2/token

Admin API, the entities of the demo tenant's administrator:
   {program} admin GET entities --key-file {demo}

Ctrl-C closes it.
",
        address = booth.address()?,
        dynamodb = booth.dynamodb(),
        program = quoted(&program),
        demo = quoted(&folder.join("demo.json")),
        environment = quoted(&folder.join("function.env")),
        redeem = quoted(&folder.join("redeem.json")),
        client = quoted(&folder.join("client.curl")),
        partner = quoted(&folder.join("partner.curl")),
        site = booth.demo.partner.site,
        app = booth.demo.project.client_id,
        project = quoted(&folder.join("project.curl")),
        projects = format_args!("{url}/v1/projects/{}", booth.demo.project.id),
    ));
    Ok(())
}

/// A path, quoted for a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|it| it.is_ascii_alphanumeric() || "/._-+".contains(it));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
