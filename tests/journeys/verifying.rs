//! Day 2: who will be paid shows who they are, each as they can.

use chrono::TimeDelta;
use solidarity_core::testing::block_on;
use solidarity_core::{Page, Purpose};
use solidarity_identity::{
    Attester, ChallengeId, Claim, ClaimId, CodeKey, DemographicVerifier, Ending, ExceptionBasis,
    ExceptionId, ExceptionLimit, ExceptionVerifier, FallbackPolicy, MatchPolicy, Means, Method,
    Mismatch, NewException, OneTimeCode, Outcome, Verification,
};

use crate::cast::{actor, person};
use crate::register_port::RegisterPort;
use crate::world::{World, day, time};

fn policy() -> FallbackPolicy {
    FallbackPolicy::of([
        Method::DEMOGRAPHIC,
        Method::ONE_TIME_CODE,
        Method::DOCUMENT_SEEN,
        Method::EXCEPTION,
    ])
    .unwrap()
}

/// An elder vouches for Chausiku, who has no document and no telephone. The
/// office grants it: nobody vouches before themself.
pub(crate) fn vouched_for(world: &World) {
    world.wait_until(2, 9);
    let until = time(2, 9) + TimeDelta::days(200);
    let asked_for = NewException::new(
        person("chausiku"),
        ExceptionBasis::NO_DOCUMENT,
        Attester::new(actor("elder")),
        ExceptionLimit::new(3, until),
        day(100),
    );
    let stamp = world.by("officer", "verification");
    block_on(world.exceptions.grant(exception(), asked_for, &stamp)).unwrap();
}

fn exception() -> ExceptionId {
    ExceptionId::derive(&person("chausiku"), "exception")
}

/// Kito asks for a code. It goes where the register says that he is safely
/// reached, and nowhere that anybody could name now.
pub(crate) fn code_sent(world: &World) {
    world.wait_until(2, 10);
    let stamp = world.by("officer", "verification");
    block_on(codes(world).send(challenge(), person("kito"), &stamp)).unwrap();
}

fn challenge() -> ChallengeId {
    ChallengeId::derive(&person("kito"), "challenge")
}

fn register(world: &World) -> std::sync::Arc<RegisterPort> {
    RegisterPort::new(world, world.context("officer", "verification"))
}

fn codes(world: &World) -> OneTimeCode {
    let key = CodeKey::new(b"a test only: thirty-two bytes ...").unwrap();
    OneTimeCode::new(
        key,
        world.codes.clone(),
        register(world),
        world.outside.codes.clone(),
    )
}

pub(crate) fn everybody_asked(world: &World) {
    for who in ["rehema", "kito", "chausiku", "zawadi"] {
        verified(world, who);
    }
}

/// What somebody says, and what they do not have.
fn claim(world: &World, who: &str) -> Claim {
    let claim = Claim::new(ClaimId::derive(&person(who), "payment"), person(who));
    match who {
        // In another order, and only the year.
        "rehema" => claim
            .with_name("juma REHEMA")
            .with_birth_date("1984".parse().unwrap()),
        // Was written down otherwise than he says it. He reads out the code.
        "kito" => {
            let received = world.outside.codes.delivered();
            let code = received[0].code().expose().clone();
            let claim = claim.with_name("Keeto Mwangy").with_code(challenge(), code);
            claim.with_birth_date("1955".parse().unwrap())
        }
        // Does not know when she was born.
        "chausiku" => claim
            .with_name("Chausiku")
            .lacking(Means::Document)
            .lacking(Means::Phone),
        _ => claim
            .with_name("Someone Else")
            .with_birth_date("1970".parse().unwrap())
            .lacking(Means::Document)
            .lacking(Means::Phone),
    }
}

fn verified(world: &World, who: &str) -> Outcome {
    let facts = DemographicVerifier::new(register(world), MatchPolicy::default());
    let (codes, exceptions) = (
        codes(world),
        ExceptionVerifier::new(world.exceptions.clone()),
    );
    let claim = claim(world, who);
    let stamp = world.by("officer", "verification");
    block_on(policy().run(&claim, &stamp, &[&facts, &codes, &exceptions])).unwrap()
}

/// Who has nothing to show is served on somebody's word, counted and bounded.
/// Who could not be verified is told what they can do next, and loses
/// nothing by it. Everybody can see who looked at them.
pub(crate) fn nobody_is_left_without_a_way(world: &World) {
    let rehema = verified(world, "rehema");
    assert!(matches!(rehema.verification, Verification::Verified { .. }));
    assert_eq!(rehema.attempts.len(), 1);

    let kito = verified(world, "kito");
    assert!(matches!(kito.verification, Verification::Verified { .. }));
    assert_eq!(
        kito.attempts[0].ending,
        Ending::NotVerified(Mismatch::FactsDiffer)
    );
    assert_eq!(world.outside.codes.delivered().len(), 1);

    let chausiku = verified(world, "chausiku");
    assert!(
        matches!(&chausiku.verification, Verification::Exception { basis, attester, .. }
            if *basis == ExceptionBasis::NO_DOCUMENT && *attester == actor("elder")),
        "{chausiku:?}"
    );
    let nothing_held_against_her = chausiku.attempts.iter().all(|attempt| {
        matches!(
            attempt.ending,
            Ending::CouldNotTry(_) | Ending::Exception(_)
        )
    });
    assert!(nothing_held_against_her, "{chausiku:?}");
    let used = block_on(world.exceptions.get(exception())).unwrap().used();
    assert_eq!(used, 1, "one claim is one use, however often it is sent");

    let zawadi = verified(world, "zawadi");
    let Verification::NotVerified { alternatives, .. } = zawadi.verification else {
        panic!("{zawadi:?}");
    };
    assert!(
        alternatives.contains(&Method::IN_PERSON),
        "{alternatives:?}"
    );

    let looks = block_on(world.accesses.list(person("rehema"), &Page::first())).unwrap();
    let purpose = Purpose::from_static("verification");
    assert!(
        looks
            .items()
            .iter()
            .any(|look| *look.stamp().purpose() == purpose)
    );
}
