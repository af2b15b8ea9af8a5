// Every forged record is caught, by its checks and by no other; every check has a forgery that it
// alone catches; honest records pass. docs/protocol.md §12.
#include "tests/forgery/forgery.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/core/audit/audit_kit.h"
#include "tests/forgery/mutations.h"

namespace urna::forgery {

void PrintTo(const Forgery& forgery, std::ostream* out) { *out << forgery.Title(); }
void PrintTo(const Honest& honest, std::ostream* out) { *out << honest.name; }

namespace {

audit::AuditResult Make(const std::function<void(Case&)>& make) {
  const testing::TemporaryDirectory directory;
  Case out(directory.path());
  make(out);
  return audit::AuditRecord(out.record(), out.Options());
}

class ForgeryTest : public ::testing::TestWithParam<Forgery> {};

TEST_P(ForgeryTest, IsCaughtByItsChecksAlone) {
  const audit::AuditResult result = Make(GetParam().make);
  std::string wanted;
  for (Check check : GetParam().checks) {
    wanted += (wanted.empty() ? "" : " ") + std::string(InfoOf(check).number);
  }
  EXPECT_EQ(audit::With(result.report, audit::Outcome::kFail), wanted) << result.report.ToText();
  EXPECT_EQ(result.report.ExitStatus(), 1);
}

INSTANTIATE_TEST_SUITE_P(All, ForgeryTest, ::testing::ValuesIn(AllForgeries()),
                         [](const ::testing::TestParamInfo<Forgery>& forgery) {
                           return forgery.param.Title();
                         });

class HonestRecordTest : public ::testing::TestWithParam<Honest> {};

TEST_P(HonestRecordTest, HasNoFail) {
  const audit::AuditResult result = Make(GetParam().make);
  EXPECT_EQ(audit::With(result.report, audit::Outcome::kFail), "") << result.report.ToText();
  EXPECT_EQ(result.report.ExitStatus(), GetParam().exit_status) << result.report.ToText();
}

INSTANTIATE_TEST_SUITE_P(All, HonestRecordTest, ::testing::ValuesIn(HonestRecords()),
                         [](const ::testing::TestParamInfo<Honest>& honest) {
                           return honest.param.name;
                         });

// By chance, and with seeds, so that what is found once is found again.
TEST(MutationTest, NothingThatWasChangedVerifies) {
  const auto sources = HonestSources();
  crypto::SeededRng rng(2027);
  size_t must_fail = 0;
  for (int i = 0; i < 150; ++i) {
    const Source& source = *sources[static_cast<size_t>(i) % sources.size()];
    const Mutation mutation = Mutate(source, rng);
    must_fail += mutation.must_fail;
    const audit::AuditResult result =
        Make([&](Case& out) { WriteMutation(out, source, mutation); });
    if (mutation.must_fail) {
      EXPECT_EQ(result.report.ExitStatus(), 1) << mutation.description;
    }
  }
  EXPECT_GT(must_fail, 50u);
}

TEST(ForgeryCoverageTest, EveryNumberedCheckAloneCatchesAForgery) {
  std::set<Check> covered;
  for (const Forgery& forgery : AllForgeries()) {
    if (forgery.checks.size() == 1) covered.insert(forgery.checks[0]);
  }
  for (const CheckInfo& info : AllChecks()) {
    EXPECT_EQ(covered.count(info.check), 1u) << info.number << " has no forged record of its own";
  }
}

TEST(ForgeryCoverageTest, NamesAreUnique) {
  std::set<std::string> titles;
  for (const Forgery& forgery : AllForgeries()) {
    EXPECT_TRUE(titles.insert(forgery.Title()).second) << forgery.Title();
  }
}

}  // namespace
}  // namespace urna::forgery
