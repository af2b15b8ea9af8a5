#include "core/base/x.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
TEST(X, Adds){ EXPECT_EQ(*urna::X(1),2);} TEST(Y, Adds){ EXPECT_EQ(*urna::X(2),3);}
class P: public testing::TestWithParam<int>{}; TEST_P(P, Adds){EXPECT_EQ(*urna::X(GetParam()),GetParam()+1);}
INSTANTIATE_TEST_SUITE_P(All,P,testing::Values(1,2,3));
