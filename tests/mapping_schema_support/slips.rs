//! A table that is right, and slips that an editor should see.

pub(crate) const TABLE: &str = r#"
[dialect]
title = "Doorman"
base = ["/doorman/v1"]
any_case = ["names"]
null = "absent"
session = ["requester"]
fault = ["error"]
fault_type = "application/problem+json"

[caller]
header = "X-Doorman-Key"

[upstream]
over = [401]
headers.X-Token = ["{token}"]
sign_in = { at = "POST /in", keep = "token" }

[mint]
"request.id" = { as = "D-{number}", from = 1000 }

[find]
system = { by = ["name"] }
reason_code = { by = ["name"], else = "none" }

[faults]
invalid = { is = "422 E100", text = "Wrong." }
not-authenticated = ["401 E1", "419 E2"]

[operation."request.create"]
routes = [{ at = "POST /access", send = "ask" }]
reply = { created = "202 pass" }
again = { by = "request.list", say = { "filter.status" = "all" }, match = "request.id" }

[operation."request.list"]
routes = [{ at = "GET /access" }]

[values.mode]
credential = "password"
"session.ssh" = ["shell", "sh"]

[message.ask]
always = { multiple_use = false, on_conflict = "refuse" }
ignores = ["client"]

[message.ask.sum."window.length"]
hours = "hours"
max = "P7D"

[message.ask.rows]
machine = "target.system.name"
purpose = { is = "reason.text", also = ["why"], unset = [""] }
mode = { is = "access.kind", default = "password", values = "mode" }
state = { is = "status", values = { pending = "waiting" } }
urgent = { is = "emergency", values = { true = 1, false = 0 } }
lease = { is = "window.length", unit = "iso8601", max = "PT8H" }
from = { is = "window.start", time = "unix", since = "now" }
until = { sum = ["window.start", "window.length"], time = "unix" }
approvers = { list = "approvals.approvers", of = "approver" }
extra = { map = "extra" }
note = { says = ["{reason.text}"] }

[message.approver.rows]
name = "name"
at = { is = "at", time = "unix" }

[message.ask.choose]
"release.launch" = [["true", { go = "yes" }], ["false", { go = ["no", "*"] }]]

[message.ask.blank]
until = { value = "now", beside = ["window.length"], otherwise = "0" }
count = { value = "0", meant = true }
left = { says = "status", values = { pending = 1 }, otherwise = "0" }

[variant.old.message.ask.rows]
machine = "target.system.id"
"#;

/// A piece of the table, and what stands there instead.
pub(crate) const SLIPS: &[(&str, &str)] = &[
    // A key misspelt, in each table.
    ("[caller]", "[callers]"),
    ("title = ", "titel = "),
    ("fault_type", "fault-type"),
    ("header = ", "heading = "),
    ("over = [401]", "overs = [401]"),
    ("keep = \"token\"", "keeps = \"token\""),
    ("\"request.id\" = {", "\"target.id\" = {"),
    ("from = 1000", "form = 1000"),
    ("system = {", "systems = {"),
    ("system = { by", "system = { via"),
    ("text = \"Wrong.\"", "texts = \"Wrong.\""),
    ("send = \"ask\"", "sends = \"ask\""),
    ("reply = {", "replies = {"),
    ("match = ", "matches = "),
    ("ignores = ", "ignore = "),
    ("hours = ", "hour = "),
    ("also = ", "alias = "),
    ("of = \"approver\"", "by = \"approver\""),
    ("otherwise = \"0\" }\ncount", "else = \"0\" }\ncount"),
    ("meant = true", "mean = true"),
    ("[variant.old.message.ask.rows]", "[variant.old.values.mode]"),
    // What no list has.
    ("any_case = [\"names\"]", "any_case = [\"name\"]"),
    ("null = \"absent\"", "null = true"),
    ("session = [\"requester\"]", "session = [\"requestor\"]"),
    ("\"target.system.name\"", "\"target.machine\""),
    ("\"reason.text\", also", "\"reason.txt\", also"),
    ("\"access.kind\"", "\"access.sort\""),
    ("\"approvals.approvers\"", "\"approvals.given\""),
    ("map = \"extra\"", "map = \"reason.text\""),
    ("\"window.start\", \"window.length\"", "\"window.length\", \"window.start\""),
    ("beside = [\"window.length\"]", "beside = [\"window.lenght\"]"),
    ("pending = \"waiting\"", "waiting = \"waiting\""),
    ("pending = \"waiting\"", "credential = \"waiting\""),
    ("true = 1", "yes = 1"),
    ("\"session.ssh\" = [", "\"session.shell\" = ["),
    ("multiple_use = false", "multiple_uses = false"),
    ("on_conflict = \"refuse\"", "on_conflict = \"ignore\""),
    ("invalid = {", "wrong = {"),
    ("created = ", "made = "),
    ("[operation.\"request.create\"]", "[operation.\"request.make\"]"),
    ("by = \"request.list\"", "by = \"request.find\""),
    ("[[\"true\", {", "[[\"yes\", {"),
    // What a list names twice, and what HTTP spells otherwise.
    ("session = [\"requester\"]", "session = [\"requester\", \"requester\"]"),
    ("fault = [\"error\"]", "fault = [\"error\", \"error\"]"),
    ("over = [401]", "over = [401, 401]"),
    ("by = [\"name\"] }\nreason_code", "by = [\"name\", \"name\"] }\nreason_code"),
    ("unset = [\"\"]", "unset = [\"\", \"\"]"),
    ("\"POST /access\"", "\"post /access\""),
    ("\"POST /in\"", "\"post /in\""),
    ("keep = \"token\"", "keep = \"/\""),
    ("\"202 pass\"", "\"202 pass \""),
    ("by = [\"name\"] }\nreason_code", "by = [\"nickname\"] }\nreason_code"),
    ("else = \"none\"", "else = \"nothing\""),
    // An option of the wrong type, or with a value that can't be.
    ("base = [\"/doorman/v1\"]", "base = \"doorman/v1\""),
    ("base = [\"/doorman/v1\"]", ""),
    ("over = [401]", "over = 401"),
    ("\"application/problem+json\"", "\"application/xml\""),
    ("from = 1000", "from = \"1000\""),
    ("\"D-{number}\"", "\"D\""),
    ("\"422 E100\"", "\"E100 422\""),
    ("\"419 E2\"", "\"200 E2\""),
    ("\"POST /access\"", "\"/access\""),
    ("\"202 pass\"", "\"404 pass\""),
    ("since = \"now\"", "since = \"today\""),
    ("time = \"unix\", since", "time = \"epoch\", since"),
    ("time = \"unix\", since = \"now\" }", "}"),
    ("unit = \"iso8601\"", "unit = \"mins\""),
    ("unit = \"iso8601\"", "unit = \"minutes\""),
    ("unit = \"iso8601\", max", "max"),
    ("max = \"P7D\"", "max = \"P1M\""),
    ("max = \"P7D\"", "max = 7"),
    ("meant = true", "meant = false"),
    ("{ go = \"yes\" }]", "{ go = \"yes\" }, 1]"),
    (", of = \"approver\" }", " }"),
    ("values = \"mode\"", "values = [\"mode\"]"),
    ("default = \"password\", values = \"mode\"", "default = \"password\""),
    ("urgent = { is", "urgent = { unit = \"minutes\", is"),
    ("machine = \"target.system.name\"", "machine = 1"),
    ("{ value = \"0\", meant", "{ value = 0, meant"),
];
