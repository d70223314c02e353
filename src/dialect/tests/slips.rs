//! Each slip: a piece of the table, what stands there instead, and what is said of it.

/// Piece, instead, told.
pub(super) const SLIPS: &[(&str, &str, &str)] = &[
    (
        r#"base = ["/api"]"#,
        r#""#,
        r#"option-missing at door.toml:2:1: `[dialect]` needs `base`, the path under which the server's addresses stand
help: add `base = ["/…"]`; `"/"` if there is none"#,
    ),
    (
        r#"base = ["/api"]"#,
        r#"base = []"#,
        r#"option-missing at door.toml:4:8: `[dialect]` needs `base`, the path under which the server's addresses stand
help: add `base = ["/…"]`; `"/"` if there is none"#,
    ),
    (
        r#"base = ["/api"]"#,
        r#"base = "api""#,
        r#"wrong-route at door.toml:4:8: a base is a path, which begins with `/`"#,
    ),
    (
        r#""paths", "names""#,
        r#""path", "names""#,
        r#"unknown-word at door.toml:5:13: `path` is no word of `any_case` (known: paths, names, values)
help: did you mean `paths`?"#,
    ),
    (
        r#""absent""#,
        r#""absend""#,
        r#"unknown-word at door.toml:6:8: `absend` is no word of `null` (known: absent)
help: did you mean `absent`?"#,
    ),
    (
        r#""also-as-text""#,
        r#"true"#,
        r#"wrong-type at door.toml:7:12: expected a string or an array of strings, found true or false"#,
    ),
    (
        r#"["requester"]"#,
        r#"["requestor"]"#,
        r#"unknown-field at door.toml:8:12: no canonical field begins with `requestor`
help: did you mean `requester`?"#,
    ),
    (
        r#"["requester"]"#,
        r#"["requester.id"]"#,
        r#"unknown-field at door.toml:8:12: no canonical field begins with `requester.id`
help: write `requester`: a session says all of it"#,
    ),
    (
        r#"fault = ["error"]"#,
        r#"fault = ["error"]
fault_type = "application/xml""#,
        r#"wrong-content-type at door.toml:10:14: an error's body is JSON, and this is no media type of JSON
help: as in `application/problem+json`"#,
    ),
    (
        r#"conflict = "409""#,
        r#"conflict = ["409 E1", "twice"]"#,
        r#"wrong-status at door.toml:41:23: a fault is a status from 400 on and perhaps a code, as in `"403 E17"`"#,
    ),
    (
        r#"conflict = "409""#,
        r#"conflict = []"#,
        r#"wrong-status at door.toml:41:12: a fault is a status from 400 on and perhaps a code, as in `"403 E17"`"#,
    ),
    (
        r#"conflict = "409""#,
        r#"conflict = ["409 E1", "409 E1"]"#,
        r#"fault-hidden at door.toml:41:1: `conflict` has the same status and code twice
help: take one of them out"#,
    ),
    (r#""X-Key""#, r#""X Key""#, r#"wrong-header at door.toml:12:10: this is no header's name"#),
    (
        r#"over = [401]"#,
        r#"over = 401"#,
        r#"wrong-type at door.toml:15:8: expected a list of HTTP statuses, as in `[401]`, found an integer"#,
    ),
    (
        r#"ok = [200]"#,
        r#"ok = "200""#,
        r#"wrong-type at door.toml:21:6: expected a list of HTTP statuses, as in `[401]`, found a string"#,
    ),
    (
        r#"at = "POST /in"
"#,
        r#""#,
        r#"option-missing at door.toml:19:1: `sign_in` needs `at`, a method and a path"#,
    ),
    (
        r#"keep = "token"
"#,
        r#""#,
        r#"option-missing at door.toml:19:1: `sign_in` needs `keep`, what of the answer is the session"#,
    ),
    (
        r#""POST /in""#,
        r#""POST in""#,
        r#"wrong-route at door.toml:20:6: this should be a method and a path, as in `POST /Logon`"#,
    ),
    (
        r#""POST /out""#,
        r#""/out""#,
        r#"wrong-route at door.toml:16:12: this should be a method and a path, as in `POST /Logon`"#,
    ),
    (
        r#"[upstream.sign_in]
at = "POST /in"
ok = [200]
keep = "token"
"#,
        r#""#,
        r#"option-missing at door.toml:16:12: `sign_out` closes a session that no `sign_in` opens
help: add `[upstream.sign_in]`, or take it out
wrong-template at door.toml:17:1: there is no `{token}`: no `sign_in` keeps one
help: look at `keep`"#,
    ),
    (
        r#"["{token}"]"#,
        r#"401"#,
        r#"wrong-type at door.toml:17:19: expected a string or an array of strings, found an integer"#,
    ),
    (
        r#"as = "D-{number}""#,
        r#"as = "D-{target.safe}""#,
        r#"wrong-template at door.toml:25:23: two requests would get the same id
help: add `{number}`, or `{hex}`"#,
    ),
    (
        r#"as = "D-{number}""#,
        r#"as = "D-{number}-{created}""#,
        r#"type-mismatch at door.toml:25:23: `created` is no text that could stand in an id"#,
    ),
    (
        r#"as = "D-{number}", "#,
        r#""#,
        r#"option-missing at door.toml:25:16: an id that is made needs `as`
help: as in `as = "{number}"`"#,
    ),
    (
        r#"from = 10"#,
        r#"from = -1"#,
        r#"wrong-type at door.toml:25:67: expected a number from 0 on, found an integer"#,
    ),
    (
        r#""request.id" = { as = "D"#,
        r#""request.ids" = { as = "D"#,
        r#"unknown-key at door.toml:25:1: `request.ids` is no key here (known: request.id)
help: did you mean `request.id`?"#,
    ),
    (
        r#"else = "none""#,
        r#"else = "nothing""#,
        r#"unknown-word at door.toml:29:39: `nothing` is no word of `else` (known: none)"#,
    ),
    (
        r#"system = { by = ["name"] }"#,
        r#"system = { by = ["name"], else = "none" }"#,
        r#"wrong-option at door.toml:28:34: a request without its `system` would be another request
help: `else` belongs to a reason code, a ticket system or a schedule"#,
    ),
    (
        r#"busy = "503"
"#,
        r#""#,
        r#"fault-not-bound at door.toml:31:1: nothing in `[faults]` binds `busy`
help: bind each of them to a status: what has none is answered with a bare 500"#,
    ),
    (
        r#"not-found = "404"
"not-found.target" = "404 E4""#,
        r#""not-found.target" = "404"
not-found = "404""#,
        r#"fault-hidden at door.toml:38:1: `not-found` is never read: `not-found.target` above it looks the same
help: move `not-found` above `not-found.target`: of faults that look the same, the first is read"#,
    ),
    (
        r#"busy = "503""#,
        r#"busy = "503 E5 please""#,
        r#"wrong-status at door.toml:43:8: a fault is a status from 400 on and perhaps a code, as in `"403 E17"`"#,
    ),
    (
        r#"[{ at = "GET /requests" }]"#,
        r#"[]"#,
        r#"option-missing at door.toml:47:12: an operation needs `routes = [{ at = "…" }]`"#,
    ),
    (
        r#"[{ at = "GET /requests" }]"#,
        r#"[{ send = "ask" }]"#,
        r#"option-missing at door.toml:48:11: a route needs `at`, a method and a path
help: as in `at = "POST /Requests"`"#,
    ),
    (
        r#""GET /requests""#,
        r#""GET requests""#,
        r#"wrong-route at door.toml:48:18: a route is a method and a path
help: as in `POST /Requests`"#,
    ),
    (
        r#"GET /requests/{request.id}"#,
        r#"GET /requests/R{request.id}"#,
        r#"wrong-route at door.toml:57:18: `R{request.id}` mixes a field with something else
help: a field is a whole segment, as in `/Requests/{request.id}`"#,
    ),
    (
        r#"GET /requests/{request.id}"#,
        r#"GET /requests/{request.id"#,
        r#"wrong-route at door.toml:57:18: `{request.id` mixes a field with something else
help: a field is a whole segment, as in `/Requests/{request.id}`"#,
    ),
    (
        r#"{ at = "GET /requests/{request.id}" }"#,
        r#"{ at = "GET /requests/{request.id}" }, { at = "GET /Requests/all" }"#,
        r#"routes-clash at door.toml:57:57: no call ever reaches this route: `GET /requests/{request.id}` takes them all
help: move it above that one, which stands in line 57"#,
    ),
    (
        r#"GET /requests/{request.id}"#,
        r#"POST /Requests"#,
        r#"routes-clash at door.toml:57:18: no call ever reaches this route: `POST /requests` takes them all
help: take one of them out; the other stands in line 52"#,
    ),
    (
        r#"reply = { listed = "200 ask" }"#,
        r#"reply = "200 ask""#,
        r#"wrong-type at door.toml:49:9: expected a table, found a string"#,
    ),
    (
        r#""201 ask""#,
        r#""201 ask please""#,
        r#"wrong-status at door.toml:53:21: a reply is an HTTP status and perhaps a message, as in `"201 id"`"#,
    ),
    (
        r#"by = "request.list", say"#,
        r#"by = "request.lst", say"#,
        r#"unknown-operation at door.toml:54:16: this file binds no other operation `request.lst` that could be asked
help: did you mean `request.list`?"#,
    ),
    (
        r#"by = "request.list", say"#,
        r#"by = "request.create", say"#,
        r#"unknown-operation at door.toml:54:16: this file binds no other operation `request.create` that could be asked
help: did you mean `request.get`?"#,
    ),
    (
        r#"by = "request.list", say"#,
        r#"say"#,
        r#"option-missing at door.toml:54:9: `again` needs `by`, the operation that is asked"#,
    ),
    (
        r#", match = "request.id""#,
        r#""#,
        r#"option-missing at door.toml:54:9: `again` needs `match`, the field that tells the item"#,
    ),
    (
        r#""filter.status" = "all""#,
        r#""filter.status" = "al""#,
        r#"unknown-word at door.toml:54:58: `al` is no word of `filter.status` (known: all, approved, pending)
help: did you mean `all`?"#,
    ),
    (
        r#""filter.status" = "all""#,
        r#""filter.status" = 1"#,
        r#"wrong-type at door.toml:54:58: expected a string, found an integer"#,
    ),
    (
        r#"[variant.old.message.ask]
ignores = []"#,
        r#"[variant.old.message.ask]
ignores = []
[variant.old.values]"#,
        r#"unknown-key at door.toml:72:14: `values` is no key here (known: message)"#,
    ),
    (
        r#"[variant.old.message.ask]
ignores = []"#,
        r#"[variant.old.message.ask]
ignores = []
[variant.old.message.asks]"#,
        r#"unknown-message at door.toml:72:22: there is no message `asks` for a variant to change
help: did you mean `ask`?"#,
    ),
    (
        r#"["{token}"]"#,
        r#"["{key}"]"#,
        r#"option-missing at door.toml:22:8: no header shows this token
help: add `headers.Authorization = ["{token}"]`, or what the server wants"#,
    ),
    (
        r#"keep = "token""#,
        r#"keep = "cookies""#,
        r#"wrong-template at door.toml:17:1: there is no `{token}`: no `sign_in` keeps one
help: look at `keep`"#,
    ),
    (
        r#"created = "201 ask""#,
        r#"created = "201 ask", "created.reused" = "201 ask""#,
        r#"status-taken-twice at door.toml:53:51: this is never read: `created` has the status 201, too
help: a status says how it ended: take one of them out"#,
    ),
    (
        r#"base = ["/api"]"#,
        r#"base = ["/a b", "/api?x", "/../api"]"#,
        r#"wrong-route at door.toml:4:9: `/a b` can't stand in a path as it is
wrong-route at door.toml:4:17: `/api?x` can't stand in a path as it is
wrong-route at door.toml:4:27: `/../api` can't stand in a path as it is"#,
    ),
    (
        r#""POST /in""#,
        r#""CONNECT /in""#,
        r#"wrong-route at door.toml:20:6: this should be a method and a path, as in `POST /Logon`"#,
    ),
    (
        r#"ok = [200]"#,
        r#"ok = [401]"#,
        r#"wrong-status at door.toml:21:7: a status from 200 to 399 belongs here"#,
    ),
    (
        r#"over = [401]"#,
        r#"over = [200]"#,
        r#"wrong-status at door.toml:15:9: a status from 400 to 599 belongs here"#,
    ),
    (
        r#""X-Key""#,
        r#""Content-Length""#,
        r#"wrong-header at door.toml:12:10: `content-length` belongs to HTTP itself, and carries no credential"#,
    ),
    (
        r#"headers.X-Token = ["{token}"]"#,
        r#"headers.Transfer-Encoding = ["{token}"]"#,
        r#"wrong-header at door.toml:17:9: `transfer-encoding` belongs to HTTP itself, and carries no credential"#,
    ),
    (
        r#"headers.X-Token = ["{token}"]"#,
        r#"headers.X-Token = ["{token}\r\nX: y"]"#,
        r#"wrong-template at door.toml:17:20: a header's value holds no control characters, not even the end of a line"#,
    ),
    (
        r#"header = "X-Key""#,
        "header = \"X-Key\"\nscheme = \"A B\"",
        r#"wrong-header at door.toml:13:10: a scheme is one word; leave it out where there is none"#,
    ),
    (
        r#"header = "X-Key""#,
        "header = \"X-Key\"\nsecret = \"key\"\nuser = \"KEY\"",
        r#"wrong-header at door.toml:14:8: one parameter can't be the secret and the user"#,
    ),
    (
        r#"otherwise = "D-{hex}""#,
        r#"otherwise = "D/{hex}""#,
        r#"wrong-template at door.toml:25:49: an id stands in paths: no `/`, no `\` and no control character can be in it"#,
    ),
    (
        r#""201 ask""#,
        r#""301 ask""#,
        r#"wrong-status at door.toml:53:21: a good end has a status from 200 to 299; others are faults"#,
    ),
    (
        r#""201 ask""#,
        r#""204 ask""#,
        r#"wrong-status at door.toml:53:21: an answer with the status 204 has no body, and so no message"#,
    ),
    (
        r#""GET /requests/{request.id}""#,
        r#""CONNECT /requests/{request.id}""#,
        r#"wrong-route at door.toml:57:18: `CONNECT` is no method of an operation
help: one of GET, POST, PUT, PATCH, DELETE"#,
    ),
    (
        r#""GET /requests/{request.id}""#,
        r#""GET /requests/{request.id}/x?y=1""#,
        r#"wrong-route at door.toml:57:18: `x?y=1` can't stand in a path as it is
help: letters, digits and `-._~!$&'()*+,;=:@` can; a query is a message, named by `query`"#,
    ),
];
