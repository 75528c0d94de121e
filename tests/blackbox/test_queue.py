"""A queue and its agents: callers wait with music, are taken in order, and hear whoever takes them."""

from __future__ import annotations

from stage.scene import WAIT_HZ, Scene


def document(inner: str) -> str:
    return f"<Response>{inner}</Response>"


async def test_two_callers_wait_and_an_agent_takes_them_one_after_the_other(scene: Scene) -> None:
    customer = scene.customer
    music = customer.host_tone("/music", WAIT_HZ)
    customer.host("/left", document("<Hangup/>"))
    enqueue = f"<Enqueue waitUrl='{music}' waitUrlMethod='GET' action='/left'>support</Enqueue>"
    line = await scene.claim(customer.host("/voice/queue", document(enqueue)))
    agents = await scene.claim(
        customer.host(
            "/voice/agent", document("<Dial hangupOnStar='true'><Queue>support</Queue></Dial><Redirect/>")
        )
    )
    await scene.dial("ann", line)
    await scene.expect({"ann": {"wait"}})
    bob = await scene.dial("bob", line)
    await scene.expect({"ann": {"wait"}, "bob": {"wait"}})
    queues = (await scene.rest.get("Queues.json")).body["queues"]
    assert [(one["friendly_name"], one["current_size"]) for one in queues] == [("support", 2)]
    members = (await scene.rest.get(f"Queues/{queues[0]['sid']}/Members.json")).body["queue_members"]
    assert [one["position"] for one in members] == [1, 2]

    cat = await scene.dial("cat", agents)
    await scene.expect({"ann": {"cat"}, "bob": {"wait"}, "cat": {"ann"}}, "the first is taken")
    cat.phone.press("*")
    left = await customer.wait(lambda visit: visit.path == "/left")
    assert left.parameters["QueueResult"] == "bridged"
    await scene.callers["ann"].over()
    await scene.expect({"bob": {"cat"}, "cat": {"bob"}}, "then the second")
    await bob.hang_up()
