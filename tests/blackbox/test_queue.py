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


async def test_the_action_is_told_of_who_hangs_up_and_of_who_is_sent_elsewhere(twilio_scene: Scene) -> None:
    scene, customer = twilio_scene, twilio_scene.customer
    customer.host("/left", document(""))
    enqueue = document("<Enqueue waitUrl='' action='/left'>desk</Enqueue>")
    line = await scene.claim(customer.host("/voice/queue", enqueue))
    agents = await scene.claim(
        customer.host("/voice/agent", document("<Dial timeout='20'><Queue>desk</Queue></Dial>"))
    )
    elsewhere = customer.host("/elsewhere", document("<Pause length='30'/>"))

    ann, bob = await scene.dial("ann", line), await scene.dial("bob", line)
    calls = {}
    for name in ("ann", "bob"):
        asked = await customer.wait(
            lambda visit, name=name: name in visit.parameters["From"] and visit.path == "/voice/queue"
        )
        calls[name] = asked.call
    await scene.dial("cat", agents)
    await scene.expect({"ann": {"cat"}, "bob": set(), "cat": {"ann"}})
    await scene.rest.made(f"Calls/{calls['ann']}.json", {"Url": elsewhere})
    await bob.hang_up()
    told = [
        await customer.wait(lambda visit, call=call: visit.path == "/left" and visit.call == call)
        for call in calls.values()
    ]
    assert [one.parameters["QueueResult"] for one in told] == ["redirected-from-bridged", "hangup"]
    await customer.wait(lambda visit: visit.path == "/elsewhere" and visit.call == calls["ann"])
    assert ann.is_up
