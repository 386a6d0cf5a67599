"""Suggests a kind for every row of a CSV file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Adds the columns suggested and confidence to a CSV; learns from --train where given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--column", required=True, help="column with the text; several joined with +")
        parser.add_argument("--out", required=True)
        parser.add_argument("--train")
        parser.add_argument("--train-column")
        parser.add_argument("--label")

    def handle(self, *args: Any, **options: Any) -> None:
        from chuangwen.problems.learning import city_model
        from chuangwen.problems.suggest.files import suggest_file

        train = options["train"]
        try:
            summary = suggest_file(
                options["file"], options["column"], options["out"], train_path=train,
                train_column=options["train_column"], label=options["label"], model=None if train else city_model(),
            )  # fmt: skip
        except (ValueError, OSError) as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(str(summary))
