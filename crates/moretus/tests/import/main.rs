//! Commands as a person runs them, on both databases: the shipped samples, bad input, what is refused and
//! printed, and real data sets when `SHARED_DATA` names their folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods, reason = "the environment says where databases and data are")]
#![allow(clippy::print_stdout, reason = "the counts of real data are worth seeing")]

mod actors;
mod bad_input;
mod card_numbers;
mod claims;
mod commands;
mod disclosures;
#[path = "../support/every_line.rs"]
mod every_line;
mod exports;
mod find;
mod guide;
mod help;
mod keys;
mod liens;
mod matters;
mod notices;
mod payments;
mod plans;
mod proofs;
mod publishing;
mod rates;
mod readjudication;
mod recipients;
mod recoveries;
mod representatives;
mod samples;
mod screen;
mod shared_data;
mod site;
#[path = "../support/sums.rs"]
mod sums;
mod terminal;
mod tiles;
mod work;

/// The same tests on a database.
macro_rules! on {
    ($database:ident) => {
        mod $database {
            use crate::exports::every;
            use crate::site::Site;
            use crate::{
                actors, bad_input, card_numbers, claims, commands, disclosures, find, keys, matters, payments, proofs,
                publishing, rates, readjudication, recipients, representatives, samples, screen, shared_data, tiles, work,
            };

            on!($database: samples: the_samples_come_in_and_nothing_is_lost, nothing_prints_a_value,
                two_portfolios_share_nothing, a_claim_may_stand_before_its_patient);
            on!($database: bad_input: a_column_that_no_clause_covers_is_refused_by_name,
                a_row_that_cannot_be_read_stops_the_whole_file, only_the_first_errors_are_shown,
                what_the_site_does_not_have_is_refused,
                another_claim_under_a_known_id_is_refused,
                a_plan_version_never_changes_and_applies_from_its_day, a_number_that_another_member_has_is_refused,
                another_root_key_opens_nothing);
            on!($database: actors: an_actor_is_entered_trained_listed_and_ended);
            on!($database: card_numbers: no_command_brings_a_card_number_in, an_opinion_with_a_card_number_is_not_filed);
            on!($database: commands: a_portfolio_keeps_its_currency_and_account,
                a_token_is_for_a_portfolio_that_is_there, migrating_makes_no_database,
                a_database_that_holds_a_site_is_left_alone,
                a_checkpoint_that_cannot_be_read_is_not_taken_for_none,
                results_can_be_read_by_programs,
                a_sweep_leaves_out_only_what_is_closed,
                who_was_erased_is_taken_up_only_on_request, standard_input_is_refused_with_the_reason);
            on!($database: keys: a_root_key_goes_from_each_source_to_the_next,
                a_wrong_root_key_is_named_and_changes_nothing,
                a_rotation_that_is_killed_goes_on,
                the_order_in_which_root_keys_are_given_says_nothing,
                a_rotation_goes_on_whichever_root_key_is_given,
                what_others_could_have_written_is_not_run,
                a_backup_is_restored_with_the_root_keys_of_its_time,
                a_sealed_copy_puts_a_lost_root_key_back);
            on!($database: publishing: a_newer_version_is_issued_and_what_became_of_it_recorded,
                one_person_cannot_publish_what_they_wrote, publishing_that_is_killed_goes_on,
                documents_beside_the_notice_are_published_and_a_copy_is_given);
            on!($database: recipients: a_register_is_kept_and_listed, what_the_register_does_not_take_is_refused,
                who_received_a_persons_data_is_asked_for_with_a_token, a_register_comes_in_from_a_file);
            on!($database: matters: a_matter_is_registered_reviewed_opened_and_ended,
                a_sweep_leaves_whom_a_matter_holds_and_names_it,
                an_order_from_abroad_needs_its_agreement, the_officer_defers_the_showing_of_an_order);
            on!($database: disclosures: the_officer_reads_who_used_what_and_drafts_a_notification);
            on!($database: readjudication: claims_are_decided_again_looked_at_and_released);
            on!($database: payments: claims_are_paid_handed_to_the_bank_and_told_once,
                what_was_cut_off_is_neither_lost_nor_doubled);
            on!($database: rates: rates_are_taken_in_once_and_shown);
            on!($database: screen: a_flagged_claim_is_looked_at_and_another_appealed_against,
                excluded_providers_are_entered_listed_ended_and_taken_out);
            on!($database: claims: a_pended_claim_is_looked_at_and_let_stand,
                another_payers_answer_is_entered_and_counts, what_became_known_of_a_claim_is_entered_and_decides);
            on!($database: work: work_is_assigned_to_a_team_listed_and_ended);
            on!($database: representatives: somebody_acts_for_a_person_until_it_ends);
            on!($database: find: somebody_is_found_for_a_task_and_nobody_else);
            on!($database: every: what_leaves_by_a_command_is_what_its_clause_shows);
            on!($database: tiles: an_auditor_checks_a_mirror_of_the_tree);
            on!($database: proofs: a_person_takes_a_proof_away_and_checks_it_without_the_site);
            on!($database: shared_data: shared_data_synthea, shared_data_pysynthea, shared_data_bundle);
        }
    };
    ($database:ident: $file:ident: $($test:ident),+) => { $(
        #[test]
        fn $test() {
            $file::$test(Site::$database());
        }
    )+ };
}

on!(sqlite);
on!(postgres);
