use super::*;
use crate::domain::{PaymentMethodId, PaymentMethodType, TRANSITIONS};
use money::Currency;
use proptest::prelude::*;

const TOTAL: i64 = 10;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn amount(minor: i64) -> Option<Amount> {
    Amount::try_from(Money::new(minor, Currency::Eur)).ok()
}

fn new_payment() -> Payment {
    let charge = Charge {
        payment_id: Uuid::nil(),
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
    let method = PaymentMethod {
        id: PaymentMethodId::new(Uuid::nil()),
        provider: "test".to_owned(),
        method_type: PaymentMethodType::Card,
        card: None,
        token: None,
    };
    let initiated = ProviderPayment {
        id: ProviderPaymentId(String::new()),
        status: ProviderStatus::Unconfirmed,
    };
    Payment::new(charge, method, initiated, now())
}

/// A request or an update.
#[derive(Clone, Debug)]
enum Step {
    Capture(i64),
    Void,
    Expire,
    Refund(u8, i64),
    Update(PaymentUpdate),
}

fn steps() -> impl Strategy<Value = Step> {
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
    let progress = prop_oneof![
        Just(MovementStatus::Pending),
        Just(MovementStatus::Done),
        Just(MovementStatus::Refused)
    ];
    prop_oneof![
        (0..TOTAL + 2).prop_map(Step::Capture),
        Just(Step::Void),
        Just(Step::Expire),
        (0_u8..6, 0..TOTAL).prop_map(|(key, minor)| Step::Refund(key, minor)),
        status.prop_map(|status| Step::Update(PaymentUpdate::Status(status))),
        (1_i64..9, progress)
            .prop_map(|(number, progress)| Step::Update(PaymentUpdate::Movement(number, progress, None))),
    ]
}

fn take(payment: &mut Payment, step: Step) {
    // A step may be refused: the invariants hold in any case.
    let _ = match step {
        Step::Capture(minor) => payment.capture(amount(minor), now()).map(drop),
        Step::Void => payment.void(now()).map(drop),
        Step::Expire => {
            payment.expire(now());
            Ok(())
        }
        Step::Refund(key, minor) => {
            let (id, key) = (Uuid::from_u128(key.into()), format!("key-{key}"));
            payment
                .refund(
                    RefundRequest {
                        id,
                        key,
                        amount: amount(minor),
                    },
                    now(),
                )
                .map(drop)
        }
        Step::Update(update) => {
            payment.apply(&update, now());
            Ok(())
        }
    };
}

/// The sum of the movements of a kind that are done.
fn sum(payment: &Payment, kind: MovementKind) -> i64 {
    let movements = payment.movements.iter().filter(|movement| movement.kind == kind);
    let done = movements.filter(|movement| movement.progress == MovementStatus::Done);
    done.map(|movement| movement.amount).sum()
}

proptest! {
    #[test]
    fn totals_stay_in_order_and_final_statuses_stay_final(steps in prop::collection::vec(steps(), 0..40)) {
        let mut payment = new_payment();
        for step in steps {
            let before = payment.clone();
            take(&mut payment, step);
            let Payment { status, authorised, captured, refunded, .. } = payment;
            prop_assert!(0 <= refunded && refunded <= captured && captured <= authorised && authorised <= TOTAL);
            prop_assert!(refunded + payment.pending_refunds() <= captured);
            prop_assert!(before.authorised <= authorised && before.captured <= captured && before.refunded <= refunded);
            for (kind, total) in [(MovementKind::Authorise, authorised), (MovementKind::Capture, captured), (MovementKind::Refund, refunded)] {
                prop_assert_eq!(sum(&payment, kind), total);
            }
            prop_assert_eq!(status == PaymentStatus::Refunded, captured > 0 && refunded == captured);
            if before.status.is_final() {
                prop_assert_eq!(before.status, status);
            }
        }
    }

    #[test]
    fn settled_movement_never_changes(steps in prop::collection::vec(steps(), 0..40)) {
        let mut payment = new_payment();
        for step in steps {
            let before = payment.clone();
            take(&mut payment, step);
            for movement in &before.movements {
                if movement.progress != MovementStatus::Pending {
                    prop_assert_eq!(payment.movement(movement.number), Some(movement));
                }
            }
        }
    }

    #[test]
    fn update_that_arrives_twice_changes_nothing(steps in prop::collection::vec(steps(), 0..40), last in steps()) {
        let mut payment = new_payment();
        for step in steps {
            take(&mut payment, step);
        }
        if let Step::Update(update) = last {
            payment.apply(&update, now());
            let once = payment.clone();
            payment.apply(&update, now());
            prop_assert_eq!(format!("{payment:?}"), format!("{once:?}"));
        }
    }
}

#[test]
fn every_transition_leads_to_another_status_and_four_are_final() {
    let last: Vec<PaymentStatus> = PaymentStatus::ALL
        .into_iter()
        .filter(|status| status.is_final())
        .collect();
    assert_eq!(
        last,
        [
            PaymentStatus::Refunded,
            PaymentStatus::Voided,
            PaymentStatus::Declined,
            PaymentStatus::Expired
        ]
    );
    for (from, transition, to) in TRANSITIONS {
        assert_eq!(
            from.after(transition),
            Some(to),
            "{from:?} {transition:?} is there twice"
        );
        assert!(
            from != to || transition == Transition::Refund,
            "{from:?} {transition:?}"
        );
    }
}

#[test]
fn order_of_updates_does_not_matter() {
    let mut early = new_payment();
    for status in [
        ProviderStatus::Captured(Some(4)),
        ProviderStatus::Authorised,
        ProviderStatus::RequiresAction(None),
        ProviderStatus::Declined(Decline::Card),
        ProviderStatus::Processing,
    ] {
        early.apply(&PaymentUpdate::Status(status), now());
    }
    assert_eq!(
        (early.status, early.authorised, early.captured),
        (PaymentStatus::Captured, TOTAL, 4)
    );
}
