// What the tests of an election's log have in common: the fixture, and how to say what is wrong.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/election/state.h"
#include "tests/support/election_fixture.h"

namespace urna::election {

using ::testing::Contains;
using testing::ElectionFixture;
using testing::ElectionOptions;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Numbers;
using ::testing::SizeIs;
using testing::StatusOf;

}  // namespace urna::election
