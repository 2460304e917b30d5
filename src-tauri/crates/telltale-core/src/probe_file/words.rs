//! The words of a command line, as far as they need no shell.

use super::{Refusal, refuse};

/// Letters that mean something to a shell wherever they stand outside of quotes.
const SHELLS: &str = "|&;<>()$`*?[]{}!\n";

/// Splits a command line into its words. Quotes and backslashes are understood; what only a shell could carry out (pipes, redirections,
/// variables, patterns) is refused, not guessed.
pub(super) fn split(line: &str) -> Result<Vec<String>, Refusal> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' => words.extend(word.take()),
            '\'' | '"' => quoted(letter, &mut letters, word.get_or_insert_default())?,
            '\\' => match letters.next() {
                Some(next) => word.get_or_insert_default().push(next),
                None => return refuse("The command ends with a backslash."),
            },
            // What Telltale itself puts in.
            '{' if letters.as_str().starts_with("target}") => {
                let word = word.get_or_insert_default();
                word.push(letter);
                word.extend(letters.by_ref().take("target}".len()));
            }
            '#' | '~' if word.is_none() => return shell(letter),
            _ if SHELLS.contains(letter) => return shell(letter),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

/// What stands up to the closing quote.
fn quoted(quote: char, letters: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), Refusal> {
    while let Some(letter) = letters.next() {
        match letter {
            _ if letter == quote => return Ok(()),
            '$' | '`' if quote == '"' => return shell(letter),
            '\\' if quote == '"' => match letters.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                Some(next) => word.extend(['\\', next]),
                None => break,
            },
            _ => word.push(letter),
        }
    }
    refuse(format!("The command has an opening {quote} without a closing one."))
}

fn shell<T>(letter: char) -> Result<T, Refusal> {
    refuse(format!(
        "The command needs a shell (“{}”), which Telltale never uses. Put it into a program of your own.",
        letter.escape_debug()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_quotes_and_backslashes() {
        let table: &[(&str, &[&str])] = &[
            ("fortune", &["fortune"]),
            ("  nmap\t-p 443  host ", &["nmap", "-p", "443", "host"]),
            ("a 'b c' d", &["a", "b c", "d"]),
            ("a \"b 'c'\" d", &["a", "b 'c'", "d"]),
            (r#"a "b \" \n" c\ d"#, &["a", r#"b " \n"#, "c d"]),
            ("a '' b", &["a", "", "b"]),
            ("a'b'\"c\"d", &["abcd"]),
            ("'$HOME' '*'", &["$HOME", "*"]),
            (r"\$HOME", &["$HOME"]),
            ("a#b a~b --x=~", &["a#b", "a~b", "--x=~"]),
            ("", &[]),
            ("a --host={target}:80", &["a", "--host={target}:80"]),
            ("ünïcode 'é è'", &["ünïcode", "é è"]),
        ];
        for (line, words) in table {
            assert_eq!(split(line).unwrap(), *words, "{line}");
        }
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        for line in [
            "a | b",
            "a && b",
            "a; b",
            "a > b",
            "a < b",
            "$(a)",
            "`a`",
            "a $HOME",
            "\"$HOME\"",
            "a *",
            "a ?",
            "a [b]",
            "a {b,c}",
            "a\nb",
            "# a",
            "~/a",
            "a 'b",
            "a \"b",
            "a \\",
            "!a",
            "\"`a`\"",
        ] {
            assert!(split(line).is_err(), "{line}");
        }
    }
}
