use money::Currency;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{MethodId, MethodType, WAYS};

const TOTAL: i64 = 10;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn amount(minor: i64) -> Option<Amount> {
    Amount::try_from(Money::new(minor, Currency::Eur)).ok()
}

fn account() -> Account {
    let charge = Charge {
        reference: Uuid::nil(),
        order: Uuid::nil(),
        order_number: None,
        amount: amount(TOTAL).unwrap(),
        token: None,
        return_url: None,
        expires_at: None,
        due_at: None,
        email: None,
        client: None,
    };
    let method = Method {
        id: MethodId::new(Uuid::nil()),
        provider: "test".to_owned(),
        method_type: MethodType::Card,
        card: None,
        token: None,
    };
    let initiated = ProviderPayment {
        id: ProviderPaymentId(String::new()),
        status: ProviderStatus::Unconfirmed,
    };
    Account::new(charge, method, initiated, now())
}

/// Whatever may be wanted or heard, in any order.
#[derive(Clone, Debug)]
enum Event {
    Capture(i64),
    Void,
    Expire,
    Refund(u8, i64),
    Update(Update),
}

fn events() -> impl Strategy<Value = Event> {
    let status = prop_oneof![
        Just(ProviderStatus::Unconfirmed),
        Just(ProviderStatus::Processing),
        Just(ProviderStatus::RequiresAction(Some("https://bank.example".to_owned()))),
        Just(ProviderStatus::Authorised),
        Just(ProviderStatus::Declined(Decline::Card)),
        prop::option::of(-1..TOTAL + 2).prop_map(ProviderStatus::Captured),
        Just(ProviderStatus::Voided),
        Just(ProviderStatus::Expired),
    ];
    let progress = prop_oneof![Just(Progress::Pending), Just(Progress::Done), Just(Progress::Refused)];
    prop_oneof![
        (0..TOTAL + 2).prop_map(Event::Capture),
        Just(Event::Void),
        Just(Event::Expire),
        (0_u8..6, 0..TOTAL).prop_map(|(key, minor)| Event::Refund(key, minor)),
        status.prop_map(|status| Event::Update(Update::Status(status))),
        (1_i64..9, progress).prop_map(|(number, progress)| Event::Update(Update::Movement(number, progress, None))),
    ]
}

fn happen(account: &mut Account, event: Event) {
    // An objection is an answer, too; the account is checked afterwards.
    let _ = match event {
        Event::Capture(minor) => account.capture(amount(minor), now()).map(drop),
        Event::Void => account.void(now()).map(drop),
        Event::Expire => {
            account.expire(now());
            Ok(())
        }
        Event::Refund(key, minor) => {
            let (id, key) = (Uuid::from_u128(key.into()), format!("key-{key}"));
            account
                .refund(
                    Wish {
                        id,
                        key,
                        amount: amount(minor),
                    },
                    now(),
                )
                .map(drop)
        }
        Event::Update(update) => {
            account.note(&update, now());
            Ok(())
        }
    };
}

/// What the movements of a kind add up to that have happened.
fn booked(account: &Account, kind: Kind) -> i64 {
    let movements = account.movements.iter().filter(|movement| movement.kind == kind);
    let done = movements.filter(|movement| movement.progress == Progress::Done);
    done.map(|movement| movement.amount).sum()
}

proptest! {
    #[test]
    fn amounts_stay_in_order_and_no_way_leads_back(events in prop::collection::vec(events(), 0..40)) {
        let mut account = account();
        for event in events {
            let before = account.clone();
            happen(&mut account, event);
            let Account { status, authorised, captured, refunded, .. } = account;
            prop_assert!(0 <= refunded && refunded <= captured && captured <= authorised && authorised <= TOTAL);
            prop_assert!(refunded + account.under_way() <= captured);
            prop_assert!(before.authorised <= authorised && before.captured <= captured && before.refunded <= refunded);
            for (kind, total) in [(Kind::Authorise, authorised), (Kind::Capture, captured), (Kind::Refund, refunded)] {
                prop_assert_eq!(booked(&account, kind), total);
            }
            prop_assert_eq!(status == Status::Refunded, captured > 0 && refunded == captured);
            if before.status.is_final() {
                prop_assert_eq!(before.status, status);
            }
        }
    }

    #[test]
    fn what_was_settled_stays_as_it_is(events in prop::collection::vec(events(), 0..40)) {
        let mut account = account();
        for event in events {
            let before = account.clone();
            happen(&mut account, event);
            for movement in &before.movements {
                if movement.progress != Progress::Pending {
                    prop_assert_eq!(account.movement(movement.number), Some(movement));
                }
            }
        }
    }

    #[test]
    fn news_that_comes_twice_is_news_once(events in prop::collection::vec(events(), 0..40), last in events()) {
        let mut account = account();
        for event in events {
            happen(&mut account, event);
        }
        if let Event::Update(update) = last {
            account.note(&update, now());
            let once = account.clone();
            account.note(&update, now());
            prop_assert_eq!(format!("{account:?}"), format!("{once:?}"));
        }
    }
}

#[test]
fn the_table_has_ends_and_each_of_its_ways_leads_somewhere_new() {
    let last: Vec<Status> = Status::ALL.into_iter().filter(|status| status.is_final()).collect();
    assert_eq!(
        last,
        [Status::Refunded, Status::Voided, Status::Declined, Status::Expired]
    );
    for (from, step, to) in WAYS {
        assert_eq!(from.after(step), Some(to), "{from:?} {step:?} is there twice");
        assert!(from != to || step == Step::Refund, "{from:?} {step:?}");
    }
}

#[test]
fn the_order_of_news_does_not_matter() {
    let mut early = account();
    for standing in [
        ProviderStatus::Captured(Some(4)),
        ProviderStatus::Authorised,
        ProviderStatus::RequiresAction(None),
        ProviderStatus::Declined(Decline::Card),
        ProviderStatus::Processing,
    ] {
        early.note(&Update::Status(standing), now());
    }
    assert_eq!(
        (early.status, early.authorised, early.captured),
        (Status::Captured, TOTAL, 4)
    );
}
