//! What the manual's examples are run with. A fence's second word says what its block is: `form`, `schema`, `both`,
//! `reply` (an example of a form), `all` and `wrong` (mistakes), or the name of a file; `console` blocks are run.
pub(crate) mod canon;
pub(crate) mod forms;
pub(crate) mod mistakes;
pub(crate) mod said;

/// A fenced block.
pub(crate) struct Block {
    pub(crate) language: String,
    /// What follows the language.
    pub(crate) info: String,
    pub(crate) lines: Vec<String>,
    /// The fence's line, from 1.
    pub(crate) line: usize,
}

impl Block {
    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Whether the block is a file, whose name follows the language.
    pub(crate) fn is_file(&self) -> bool {
        [".toml", ".json", ".csv"].iter().any(|end| self.info.ends_with(end))
    }
}

/// The blocks of a page in Markdown.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (at, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(head), false) => {
                let (language, info) = head.split_once(' ').unwrap_or((head, ""));
                let (language, info) = (language.to_owned(), info.to_owned());
                found.push(Block { language, info, lines: Vec::new(), line: at + 1 });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => found.last_mut().unwrap().lines.push(line.to_owned()),
            (None, false) => {}
        }
    }
    assert!(!open, "a block is never closed");
    found
}

/// A dialect's file up to its messages, a table each: it takes and answers the message `m`.
pub(crate) fn head_tables(name: &str) -> [(&'static str, Vec<String>); 3] {
    let general =
        pamgate::canonical::fault::FAULTS.iter().map(|(word, _)| *word).filter(|word| !word.contains('.'));
    let status = |word: &str| match word {
        "invalid" => 400,
        "not-authenticated" => 401,
        _ => 500,
    };
    let bound = general.map(|word| format!("{word} = \"{}\"", status(word)));
    let dialect = [&format!("base = [\"/{name}\"]"), "fault = [\"error\"]", "null = \"absent\""];
    let create = [
        "routes = [{ at = \"POST /{target.account.id}/m\", send = \"m\" }]",
        "reply = { created = \"201\" }",
    ];
    [
        ("[dialect]", dialect.map(str::to_owned).to_vec()),
        ("[faults]", bound.collect()),
        ("[operation.\"request.create\"]", create.map(str::to_owned).to_vec()),
    ]
}

/// The same as text.
pub(crate) fn head(name: &str) -> String {
    let tables = head_tables(name);
    tables.iter().map(|(head, entries)| format!("{head}\n{}\n", entries.join("\n"))).collect()
}

/// The message that an error's body is, unless the table has its own.
pub(crate) fn with_error(table: &str) -> String {
    match table.contains("[message.error") {
        true => table.to_owned(),
        false => format!("{table}\n[message.error.rows]\n\".\" = \"fault.text\"\n"),
    }
}
