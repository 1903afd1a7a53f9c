"""Who wrote a pull request, as the code host knows it."""

from tests.contract.code_host_bench import Bench


def test_the_authors_are_who_opened_it_and_who_wrote_its_commits(bench: Bench) -> None:
    number, name, _ = bench.pull()
    assert bench.host("tech-lead").authors(number) == ("jose",)
    # an address that no account has, then one that has one, twice
    for at, email in enumerate(("nobody@example.org", "devops@example.com", "devops@example.com")):
        (bench.clone / f"{name}.txt").write_text(f"{at}\n")
        bench.git("add", "-A")
        bench.git("commit", "-q", "-m", "more", f"--author=Somebody <{email}>")
    bench.git("push", "-q", bench.sandbox["git_remote"], f"HEAD:{name}")
    assert bench.host("tech-lead").authors(number) == ("jose", "devops")
