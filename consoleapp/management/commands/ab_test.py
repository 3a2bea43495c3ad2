"""`manage.py ab_test FOLDER`: two models of a folder against each other, on a running console."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console as Terminal

from consoleapp import env
from consoleapp.abtest import folder
from consoleapp.abtest.account import FAULTS, Account
from consoleapp.abtest.screen import Bars, Screen
from consoleapp.abtest.story import VARIANTS, Story
from consoleapp.demo.client import DemoFailed


class Command(BaseCommand):
    help = (
        "Run an A/B test from creation to 100% on the better variant: FOLDER holds two model"
        " archives (*.tar.gz), a labelled test CSV with the label in its first column, and"
        " sample rows (*sample*.csv) if you like."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--image", action="append", default=[], help="for both models, or once for each"
        )
        parser.add_argument("--test-set", default="", help="the labelled CSV, if several are there")
        parser.add_argument("--samples", default="", help="a CSV of rows to send as traffic")
        parser.add_argument(
            "--threshold", type=float, default=0.5, help="a row is positive from this score on"
        )
        parser.add_argument("--instance-type", default="ml.m5.xlarge")
        parser.add_argument("--invocations", type=int, default=600, help="in each traffic step")
        parser.add_argument("--delete", action="store_true", help="remove all of it at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        terminal = Terminal()
        try:
            contest = folder.read(
                options["folder"],
                images=options["image"],
                test_set=options["test_set"],
                samples=options["samples"],
            )
            account = Account.from_credentials(env.state_dir() / "credentials.env")
            story = Story(
                account,
                contest,
                instance_type=options["instance_type"],
                threshold=options["threshold"],
            )
            with story.deleting(wanted=options["delete"]):
                tell(story, terminal, invocations=options["invocations"])
            if not options["delete"]:
                page = f"{account.console.url}/console/endpoints/{story.name}"
                terminal.print(f"page: {page}", soft_wrap=True)
        except (DemoFailed, *FAULTS) as failed:
            raise CommandError(str(failed)) from None
        except KeyboardInterrupt:
            raise CommandError("stopped") from None


def tell(story: Story, terminal: Terminal, *, invocations: int) -> None:
    screen = Screen(terminal)
    _deploy(story, screen)
    screen.step(f"Send {invocations:,} invocations by weight")
    screen.split(story.traffic(invocations))
    screen.step(f"Send {invocations // 10:,} invocations with TargetVariant={VARIANTS[0]}")
    screen.split(story.target(VARIANTS[0], invocations // 10), by_weight=False)
    better = _evaluate(story, screen)
    if not better:
        screen.say("No variant is better, so the traffic stays as it is.")
        return
    other = next(name for name in VARIANTS if name != better)
    for left, right in ((25.0, 75.0), (0.0, 1.0)):
        share = right / (left + right)
        screen.step(f"Shift {share:.0%} of the traffic to {better}")
        story.set_weights({name: right if name == better else left for name in VARIANTS})
        screen.split(story.traffic(invocations))
    screen.say(f"All traffic is on {better}; {other} can be removed.")


def _deploy(story: Story, screen: Screen) -> None:
    screen.step("Create the models")
    for model, archive, image in story.create_models():
        screen.say(f"{model}: {archive}, {image}")
    screen.step("Create the endpoint configuration, both variants with weight 1")
    story.create_config()
    screen.say(f"{story.name}: {', '.join(VARIANTS)} on {story.instance_type}, one instance each")
    screen.step("Create the endpoint")
    screen.say(f"{story.name}: InService after {story.create_endpoint():.1f} s")


def _evaluate(story: Story, screen: Screen) -> str:
    name = story.contest.test_set.name
    screen.step(f"Evaluate both on {name}, positive from {story.threshold:g} on")
    bars = Bars(screen.terminal)
    with bars.progress:
        found = story.evaluate(bars.show)
    screen.say(f"{found['common_rows']:,} rows, {found['positives']:,} of them positive")
    screen.evaluation(found)
    return str(found["verdict"]["better"])
