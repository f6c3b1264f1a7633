//! How the money of a batch is set aside, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use solidarity_core::testing::block_on;
use solidarity_core::{Money, Page, Paged, Stamp};

use super::acts::{budget, over};
use super::crash::{World, batch_id, instruction, kes, new_batch};
use super::{Disburser, Terms};
use crate::{
    Account, AccountBalance, AccountFilter, AccountId, Batch, BatchState, Behavior,
    CreateAccountStatus, CreateTransferStatus, Decision, DisbursementStore, Instruction, Ledger,
    LineState, MemoryLedger, NewAccount, NewTransfer, Rail, Result, Transfer, TransferId,
};

/// Between the look at the budget and the reservation another process makes
/// it: that is the reservation, and not a budget too small.
#[test]
fn a_reservation_that_another_process_made_is_one() {
    #[derive(Debug)]
    struct Late(Arc<MemoryLedger>, Disburser, Batch, Stamp, AtomicBool);

    #[async_trait]
    impl Ledger for Late {
        async fn create_accounts(
            &self,
            accounts: &[NewAccount],
            at: DateTime<Utc>,
        ) -> Result<Vec<CreateAccountStatus>> {
            self.0.create_accounts(accounts, at).await
        }

        async fn create_transfers(
            &self,
            transfers: &[NewTransfer],
            at: DateTime<Utc>,
        ) -> Result<Vec<CreateTransferStatus>> {
            self.0.create_transfers(transfers, at).await
        }

        async fn accounts(
            &self,
            ids: &[AccountId],
            at: DateTime<Utc>,
        ) -> Result<Vec<Option<Account>>> {
            if !self.4.swap(true, Ordering::Relaxed) {
                self.1.reserve(&self.2, &self.3).await?;
            }
            self.0.accounts(ids, at).await
        }

        async fn transfers(&self, ids: &[TransferId]) -> Result<Vec<Option<Transfer>>> {
            self.0.transfers(ids).await
        }

        async fn account_transfers(
            &self,
            filter: &AccountFilter,
            page: &Page,
        ) -> Result<Paged<Transfer>> {
            self.0.account_transfers(filter, page).await
        }

        async fn account_balances(
            &self,
            filter: &AccountFilter,
            page: &Page,
        ) -> Result<Paged<AccountBalance>> {
            self.0.account_balances(filter, page).await
        }
    }

    let world = World::new(1, Behavior::honest(), 1);
    block_on(async {
        let most = Money::from_minor(60_000, kes()).unwrap();
        let dear = Instruction {
            amount: most,
            ..instruction(9)
        };
        let new = new_batch("dear", vec![dear]);
        let batch = world.approved(&new).await.unwrap();
        let rail: Arc<dyn Rail> = Arc::new(world.rail());
        let first = over(&world, rail.clone());
        let (stamp, unused) = (world.by("cashier"), AtomicBool::new(false));
        let late = Late(world.ledger.clone(), first, batch.clone(), stamp, unused);
        let second = Disburser::new(world.store.clone(), Arc::new(late), rail, Terms::default());
        let (id, digest) = (batch.id(), batch.digest());
        let released = second.release(id, digest, &world.by("cashier")).await;
        assert_eq!(released.unwrap().state(), BatchState::Released);
        assert_eq!(budget(&world), 100_000 - 60_000);
    });
}

/// What was given back is not set aside: a batch that is revised back to what
/// it was has its money anew.
#[test]
fn a_batch_reworded_as_it_was_has_its_money_anew() {
    let world = World::new(3, Behavior::honest(), 1);
    let process = over(&world, Arc::new(world.rail()));
    block_on(async {
        let batch = world.store.get(batch_id("first")).await.unwrap();
        process.reserve(&batch, &world.by("cashier")).await.unwrap();
        let (maker, original) = (
            world.by("maker"),
            new_batch("first", (0..3).map(instruction).collect()),
        );
        let other = new_batch("first", vec![instruction(1)]);
        let other = process
            .revise(&other, batch.digest(), &maker)
            .await
            .unwrap();
        let again = process
            .revise(&original, other.digest(), &maker)
            .await
            .unwrap();
        assert_eq!((again.digest(), budget(&world)), (batch.digest(), 100_000));
        for who in ["first", "second"] {
            let (id, digest, by) = (again.id(), again.digest(), world.by(who));
            let approved = world.store.decide(id, digest, Decision::Approve, &by).await;
            approved.unwrap();
        }
        process
            .release(again.id(), again.digest(), &world.by("cashier"))
            .await
            .unwrap();
        assert_eq!(budget(&world), 100_000 - 3_003);
        let progress = process
            .submit(again.id(), &world.by("service"))
            .await
            .unwrap();
        assert_eq!(progress, [(LineState::InFlight, 3)].into());
    });
}
