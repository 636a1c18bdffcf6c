//! `tokenbooth completions`.

use std::io::Write as _;

use api::BootError;
use clap::{Args, Command};
use clap_complete::Shell;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bash, for this and every later shell:
    tokenbooth completions bash > ~/.local/share/bash-completion/completions/tokenbooth
  zsh, into a folder of your $fpath:
    tokenbooth completions zsh > ~/.zfunc/_tokenbooth
  fish:
    tokenbooth completions fish > ~/.config/fish/completions/tokenbooth.fish
  PowerShell, in your $PROFILE:
    tokenbooth completions powershell | Out-String | Invoke-Expression
  elvish:
    eval (tokenbooth completions elvish | slurp)")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Completions, command: &mut Command) -> Result<(), BootError> {
    // `generate` panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "tokenbooth", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(())
}
