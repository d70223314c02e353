//! `pamgate help`: of the program, of a command, and of a mistake's code.
//!
//! Start at [`run`]. The pages of codes are `docs/codes/`, embedded with [`Code`]; [`page`] makes them fit for a terminal.
//! Knows `diagnostic`; opens no file.
use clap::Command;

use crate::diagnostic::{Code, nearest};

use super::{Exit, Failure, Terminal};

/// The options of `help`.
#[derive(Debug, clap::Args)]
pub struct HelpArgs {
    /// A command, such as `check`, or the code of a mistake, such as `unknown-field`; left out: the program.
    #[arg(value_name = "COMMAND|CODE")]
    topic: Option<String>,
}

/// Prints what is asked for; `whole` is the program's command line.
///
/// # Errors
/// What is neither a command nor a code, and where standard output can't be written.
pub fn run(args: &HelpArgs, mut whole: Command, terminal: &Terminal) -> Result<Exit, Failure> {
    whole.build();
    let Some(topic) = &args.topic else {
        whole.print_long_help()?;
        return Ok(Exit::Done);
    };
    if let Some(command) = whole.find_subcommand_mut(topic) {
        command.print_long_help()?;
        return Ok(Exit::Done);
    }
    match Code::named(topic) {
        Some(code) => {
            terminal.answer(&page(code.page(), terminal.coloured_answers()))?;
            Ok(Exit::Done)
        }
        None => Err(unknown(topic, &whole)),
    }
}

fn unknown(topic: &str, whole: &Command) -> Failure {
    let commands = whole.get_subcommands().map(Command::get_name);
    let near = nearest(topic, commands.chain(Code::ALL.iter().map(|code| code.as_str())));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Failure::Usage(format!("`{topic}` is neither a command nor the code of a mistake{near}"))
}

/// A page without the marks of Markdown: headings stand out, blocks are moved in, links are their texts.
fn page(markdown: &str, colour: bool) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut block = false;
    for line in markdown.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            // A block's name is its file's.
            if let (false, Some((_, name))) = (block, fence.split_once(' ')) {
                out.push_str(&format!("{name}:\n"));
            }
            block = !block;
        } else if block {
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim_start();
            out.push_str(&if colour { format!("\u{1b}[1m{title}\u{1b}[0m\n") } else { format!("{title}\n") });
        } else if !(line.is_empty() && out.ends_with("\n\n")) {
            out.push_str(&unlinked(line));
            out.push('\n');
        }
    }
    out
}

/// A line with each `[text](address)` as its text.
fn unlinked(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.split_once("](").and_then(|(text, after)| {
            let (_, after) = after.split_once(')')?;
            (!text.contains('[')).then_some((text, after))
        });
        out.push_str(before);
        rest = match link {
            Some((text, after)) => {
                out.push_str(text);
                after
            }
            None => {
                out.push('[');
                after
            }
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loses_its_marks_and_nothing_else() {
        let markdown =
            "# a\n\nSee [b](../c.md#d), `[e]` and [`[f](g)`].\n\n```toml h.toml\n[i]\nj = \"[k](l)\"\n```\n";
        assert_eq!(
            page(markdown, false),
            "a\n\nSee b, `[e]` and [`f`].\n\nh.toml:\n    [i]\n    j = \"[k](l)\"\n"
        );
        assert!(page(markdown, true).starts_with("\u{1b}[1ma\u{1b}[0m\n"));
    }
}
