//! What `tokenbooth serve` shows when it is up: where everything is, and a request to paste for each window.

use std::path::Path;

use crate::booth::Booth;

pub(crate) fn show(booth: &Booth, ephemeral: bool) {
    let folder = std::path::absolute(&booth.folder).unwrap_or_else(|_| booth.folder.clone());
    let data = if ephemeral { "in memory, gone at the end".to_owned() } else { folder.display().to_string() };
    let program = std::env::current_exe().unwrap_or_else(|_| "tokenbooth".into());
    let sign = sign(&program, &folder);
    let (url, token_url) = (&booth.url, &booth.demo.secure_anonymous.token_url);
    println!(
        "tokenbooth is open at {url}

  JWKS             {url}/.well-known/jwks.json
  DynamoDB         http://{dynamodb} (embedded)
  data             {data}
  demo tenant      {demo}
  for cargo-lambda {environment}

F  a secure anonymous token:
   curl -sS -X POST {sign} {token_url}

K  an access token for an API key:
   curl -sS -H content-type:application/json -d @{redeem} {url}/v1/token

V  a token for an anonymous device of a partner's site:
   curl -sS -X POST -K {partner} '{url}/identity/anonymous-token?site={site}&platform=web_browser&deviceId=browser-1'

X  a security token, built and verified:
   curl -sS -K {project} -H content-type:application/json -d '{{\"fields\": {{\"AppId\": \"demo\"}}}}' {projects}/security-tokens |
     sed 's/.*\"url_encoded\":\"\\([^\"]*\\)\".*/XST=\\1/' |
     curl -sS -K {project} -d @- {projects}/tokens/verify

S  a device attached to a user, and a security token signed for that user:
   curl -sS -H 'authorization: Basic {app}:' -H content-type:application/json -d '{{\"user\": \"ada\"}}' {url}/v2/access
   curl -sS -K {project} -H content-type:application/json -d '{{\"user\": \"ada\"}}' {url}/token/sign

OAuth, an access token for the same key as a client:
   curl -sS -K {client} -d grant_type=client_credentials {url}/oauth2/token

Admin API, what the key may see:
   curl -sS {sign} {url}/admin/v1/entities

Ctrl-C closes it.
",
        dynamodb = booth.dynamodb(),
        demo = quoted(&folder.join("demo.json")),
        environment = quoted(&folder.join("function.env")),
        redeem = quoted(&folder.join("redeem.json")),
        client = quoted(&folder.join("client.curl")),
        partner = quoted(&folder.join("partner.curl")),
        site = booth.demo.partner.site,
        app = booth.demo.project.client_id,
        project = quoted(&folder.join("project.curl")),
        projects = format_args!("{url}/v1/projects/{}", booth.demo.project.id),
    );
}

/// The command that signs: no secret on the screen, and a fresh timestamp with every paste.
fn sign(program: &Path, folder: &Path) -> String {
    format!("$({} sign-request --curl --key-file {})", quoted(program), quoted(&folder.join("demo.json")))
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|it| it.is_ascii_alphanumeric() || "/._-+".contains(it));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
