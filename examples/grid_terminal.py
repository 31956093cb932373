"""A grid worker's terminal: reports from the street, with or without a network.

    python examples/grid_terminal.py outbox.db < lines.txt

Each line is a report: ``area<TAB>text``. All are kept before anything is sent; what cannot be sent
now is sent the next time the program runs. HUTONG_URL and HUTONG_KEY say where intake is.
"""

import os
import sys

from hutong.sdk import Client, InvalidError, State

SECONDS = 10.0


def main(outbox: str) -> int:
    """Keep what is typed, send what can be sent, say what became of each."""
    with Client(os.environ["HUTONG_URL"], os.environ["HUTONG_KEY"], outbox=outbox) as client:
        for line in sys.stdin:
            area, _, text = line.strip().partition("\t")
            try:
                receipt = client.report_issue(body=text, area=area, actor="gw-0103")
            except InvalidError as error:
                print(f"未保存 not kept: {error}")
                continue
            print(f"已保存 kept: {receipt.event_id}")
        client.flush(timeout=SECONDS)
        for receipt in client.outbox.receipts():
            if receipt.state is State.ACCEPTED:
                print(f"已受理 accepted: {receipt.event_id} 受理号 {receipt.number}")
            else:
                why = receipt.problem.zh if receipt.problem else ""
                print(f"待发送 {receipt.state}: {receipt.event_id} {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
