//! The public face: start, carry out orders, take a snapshot, stop.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};
use std::time::{Duration, Instant};

use wire::{Done, EndedBy, Fact, LegState, Listener, Order, Refused, Reply};

use crate::asking;
use crate::desk::Desk;
use crate::handing_over::HandingOver;
use crate::identity::mint;
use crate::keeping::Kept;
use crate::leg::{Facts, Leg, NotNow};
use crate::listener::{listen, Heard};
use crate::outgoing;
use crate::reception::receive;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::shunned::Shunned;
use crate::turn::Answer;
use crate::waiting::{self, Waiting};

/// The SIP side of the engine, running on a thread of its own.
pub struct Signal {
    desk: Arc<Desk>,
    heard: Heard,
    instance: String,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Signal {
    /// Open the sockets and begin to take calls.
    ///
    /// `facts` is called on the SIP thread and on threads that carry out orders; it must not block, and must not call
    /// back into this.
    pub fn start(settings: &Settings, facts: impl Fn(Fact) + Send + Sync + 'static) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sip")
            .enable_all()
            .build()?;
        let (facts, instance): (Facts, _) = (Arc::new(facts), mint());
        let (stack, heard) = runtime.block_on(listen(settings, &instance, Arc::clone(&facts)))?;
        let requests = stack
            .requests()
            .ok_or_else(|| std::io::Error::other("the stack gives no requests"))?;
        let desk = Arc::new(Desk {
            registry: Registry::new(settings.limits.legs),
            waiting: Waiting::default(),
            shunned: Shunned::default(),
            stack,
            facts,
            patience: settings.patience,
            refuses_new: AtomicBool::new(false),
            strained: Arc::clone(&settings.strained),
            handing_over: HandingOver::within(settings.patience.handing_over),
            runtime: runtime.handle().clone(),
        });
        let serving = Arc::clone(&desk);
        runtime.spawn(async move { serving.stack.endpoint.serve().await });
        runtime.spawn(receive(Arc::clone(&desk), requests));
        runtime.spawn(Arc::clone(&desk).keep_watch());
        Ok(Self {
            desk,
            heard,
            instance,
            runtime: Some(runtime),
        })
    }

    /// What tells this engine from those before and after it; connections are named by it, too.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Where calls are taken.
    pub fn listeners(&self) -> Vec<Listener> {
        let Heard { local, secure } = self.heard;
        let listener = |(transport, at): (&str, SocketAddr)| Listener {
            transport: transport.into(),
            host: at.ip().to_string(),
            port: at.port(),
        };
        let secure = secure.map(|at| ("tls", at));
        [("udp", local), ("tcp", local)]
            .into_iter()
            .chain(secure)
            .map(listener)
            .collect()
    }

    /// Carry out Invite, Ring, Answer, Refuse, `HangUp`, `RestoreLeg`, Reoffer, Respond, Ask or Shun; other orders are refused as not ours.
    pub fn carry_out(&self, order: &Order) -> Reply {
        let outcome = match order {
            Order::Invite(it) => self.invite(it),
            Order::Ring(it) => self.leg(&it.call).and_then(|leg| {
                leg.ring(it.sdp.as_deref())?;
                self.desk.repeat_provisional(&leg);
                Ok(())
            }),
            Order::Answer(it) => self.leg(&it.call).and_then(|leg| leg.answer(&it.sdp)),
            Order::Refuse(it) => self.refuse(it),
            Order::RestoreLeg(it) => self.restore(it),
            Order::Reoffer(it) => self.leg(&it.call).and_then(|leg| {
                let request = leg.reoffer(&it.sdp)?;
                self.desk.reoffer(leg, request);
                Ok(())
            }),
            Order::Respond(it) => waiting::respond(&self.desk, it),
            Order::Ask(it) => asking::ask(&self.desk, it),
            Order::Shun(it) => self.shun(it),
            Order::HangUp(it) => {
                // Idempotent: a call that is over already needs no more.
                if let Some(leg) = self.desk.registry.by_call(&it.call) {
                    let next = leg.hang_up(&it.reason);
                    self.desk.follow(&leg, next);
                } else if let Some(attempt) = self.desk.registry.attempt(&it.call) {
                    let next = attempt.give_up(EndedBy::Local, 487, &it.reason);
                    outgoing::follow(&self.desk, &attempt, next);
                }
                Ok(())
            }
            _ => Err(NotNow("not-signal", "this order is not for SIP")),
        };
        match outcome {
            Ok(()) => Done { n: order.n() }.into(),
            Err(NotNow(code, text)) => Refused {
                n: order.n(),
                code: code.into(),
                text: text.into(),
            }
            .into(),
        }
    }

    /// The legs that are not over, in no order.
    pub fn snapshot(&self) -> Vec<LegState> {
        let registry = &self.desk.registry;
        // Attempts first: one that is answered meanwhile is then seen twice rather than not at all.
        let attempts = registry.attempts();
        let legs = registry.all();
        let answered = legs.iter().filter_map(|leg| leg.state());
        let mut states: Vec<LegState> = answered.collect();
        let calling = attempts.iter().filter_map(|attempt| attempt.state());
        states.extend(calling.filter(|one| !legs.iter().any(|leg| leg.call == one.call)));
        states
    }

    /// Answer new INVITEs with 503 from now on, or take them again.
    pub fn refuse_new(&self, refuse: bool) {
        self.desk.refuses_new.store(refuse, Ordering::Relaxed);
    }

    /// End every leg, and wait until all have said goodbye or the time is over. True when all have.
    pub fn hang_up_all(&self, reason: &str, within: Duration) -> bool {
        self.refuse_new(true);
        for attempt in self.desk.registry.attempts() {
            let next = attempt.give_up(EndedBy::Local, 487, reason);
            outgoing::follow(&self.desk, &attempt, next);
        }
        for leg in self.desk.registry.all() {
            let next = leg.hang_up(reason);
            self.desk.follow(&leg, next);
        }
        let until = Instant::now() + within;
        let (sender, receiver) = mpsc::channel();
        let desk = Arc::clone(&self.desk);
        self.desk.runtime.spawn(async move {
            while !desk.registry.is_empty() && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let _ = sender.send(desk.registry.is_empty());
        });
        receiver.recv().unwrap_or(false)
    }

    fn shun(&self, order: &wire::Shun) -> Result<(), NotNow> {
        let host = order.host.parse::<IpAddr>();
        let host = host.map_err(|_| NotNow("bad-host", "this is not an IP address"))?;
        let host = host.to_canonical();
        let time = Duration::from_millis(order.for_ms);
        self.desk.shunned.shun(host, time, Instant::now());
        tracing::info!(%host, for_ms = order.for_ms, "address shunned");
        Ok(())
    }

    fn invite(&self, order: &wire::Invite) -> Result<(), NotNow> {
        let registry = &self.desk.registry;
        let is_calling = registry
            .attempt(&order.call)
            .is_some_and(|one| one.state().is_some());
        if registry.by_call(&order.call).is_some() || is_calling {
            return Err(NotNow("call-exists", "a living call has this name already"));
        }
        if self.desk.is_closed() {
            return Err(NotNow("shutting-down", "no new calls are made any more"));
        }
        outgoing::call(&self.desk, order)
    }

    /// Go on with a leg of another engine.
    fn restore(&self, order: &wire::RestoreLeg) -> Result<(), NotNow> {
        let registry = &self.desk.registry;
        if registry.by_call(&order.call).is_some() || registry.attempt(&order.call).is_some() {
            return Err(NotNow("call-exists", "a living call has this name already"));
        }
        let facts = Arc::clone(&self.desk.facts);
        let leg = Kept::read(&order.dialog)
            .and_then(|kept| Leg::restored(order.call.clone(), &kept, facts))
            .ok_or(NotNow("bad-dialog", "this was kept by another kind of engine"))?;
        let origin = (leg.key.call_id.clone(), leg.key.local_tag.clone(), 0);
        registry.take_in(&Arc::new(leg), origin);
        Ok(())
    }

    fn leg(&self, call: &str) -> Result<Arc<Leg>, NotNow> {
        self.desk
            .registry
            .by_call(call)
            .ok_or(NotNow("unknown-call", "no living leg has this call"))
    }

    fn refuse(&self, order: &wire::Refuse) -> Result<(), NotNow> {
        if !(300..700).contains(&order.status) {
            return Err(NotNow("bad-status", "a refusal has a status from 300 to 699"));
        }
        let leg = self.leg(&order.call)?;
        let headers = order
            .headers
            .iter()
            .map(|header| (header.name.clone(), header.value.clone()))
            .collect();
        let answer = Answer {
            status: order.status,
            phrase: order.reason.clone(),
            headers,
            sdp: None,
        };
        let next = leg.refuse(&answer)?;
        self.desk.follow(&leg, next);
        Ok(())
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
