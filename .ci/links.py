"""Do relative links in the Markdown files lead somewhere, their headings included?"""

import re
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+\"[^\"]*\")?\s*$")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")


def prose(path):
    """The lines outside fenced code, with their numbers."""
    fence = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = FENCE.match(line)
        if fence is None and mark:
            fence = mark.group(1)
        elif fence is not None:
            if mark and mark.group(1).startswith(fence) and line.strip() == mark.group(1):
                fence = None
        else:
            yield number, line


def anchors(path):
    """The names by which headings are linked to, as GitHub makes them."""
    found = {}
    for _, line in prose(path):
        heading = HEADING.match(line)
        if not heading:
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1)).lower()
        name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        seen = found.get(name, 0)
        found[name] = seen + 1
        if seen:
            found[f"{name}-{seen}"] = 1
    return found


def broken(path):
    """What is wrong with the links of a file."""
    for number, line in prose(path):
        for link in LINK.finditer(CODE.sub("", line)):
            target = link.group(1) or link.group(2)
            if re.match(r"[a-z][a-z0-9+.-]*:", target, re.I):
                continue
            name, _, anchor = target.partition("#")
            to = (path.parent / urllib.parse.unquote(name)) if name else path
            if not to.exists():
                yield f"{path}:{number}: {target} leads nowhere"
            elif anchor and to.suffix == ".md" and anchor not in anchors(to):
                yield f"{path}:{number}: {to} has no heading for #{anchor}"


def check_itself():
    """A link that leads nowhere, and a heading that isn't there, would be seen."""
    with tempfile.TemporaryDirectory() as folder:
        planted = Path(folder) / "planted.md"
        planted.write_text(
            "# Some `code` heading\n[a](none.md) [b](planted.md#some-code-heading) [c](#no-heading)\n"
            "```\n[d](in-code.md)\n```\n`[e](in-code.md)` [f](https://example.com/none)\n[g]: none-either.md\n",
            encoding="utf-8",
        )
        seen = [one.rsplit(":", 2)[1] for one in broken(planted)]
        assert seen == ["2", "2", "7"], list(broken(planted))


def main():
    check_itself()
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z", "--", "*.md"],
        check=True, capture_output=True, text=True,
    ).stdout
    files = [Path(name) for name in listed.split("\0") if name and Path(name).exists()]
    wrong = [one for path in files for one in broken(path)]
    print("\n".join(wrong) if wrong else f"{len(files)} Markdown files, no link leads nowhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
