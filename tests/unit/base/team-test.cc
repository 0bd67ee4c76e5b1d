#include "base/team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "base/block-pool.h"

namespace ncli {
namespace {

// A team and the blocks that its jobs hold, which must outlive it.
struct Crew {
  explicit Crew(std::size_t blocks)
      : pool(blocks, 4096, [this] { team.wake(); }) {}
  BlockPool pool;
  Team team{2};
};

TEST(Team, KeepsTheOrderOfEachQueue) {
  Team team(3);
  std::vector<std::vector<int>> seen(3);
  for (int i = 0; i < 3000; ++i) {
    const auto queue = static_cast<std::size_t>(i % 3);
    team.post(queue, [&seen, queue, i] { seen[queue].push_back(i); });
  }
  team.finish();
  for (int queue = 0; queue < 3; ++queue) {
    const auto& numbers = seen[static_cast<std::size_t>(queue)];
    ASSERT_EQ(numbers.size(), 1000U);
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(numbers[static_cast<std::size_t>(i)], 3 * i + queue);
    }
  }
}

TEST(Team, WorksWhileItWaitsForABlock) {
  std::atomic<int> done = 0;
  Crew crew(2);
  for (int i = 0; i < 500; ++i) {
    std::byte* taken = nullptr;
    crew.team.work_until([&] {
      taken = crew.pool.try_take();
      return taken != nullptr;
    });
    const auto block = crew.pool.own(taken);
    crew.team.post(0, [&done, block] { ++done; });
    crew.team.post(1, [&done, block] { ++done; });
  }
  crew.team.finish();
  EXPECT_EQ(done, 1000);
}

TEST(Team, TellsOfAFailureAndDropsTheRest) {
  std::atomic<int> done = 0;
  {
    Crew crew(64);
    crew.team.post(0, [] { throw std::runtime_error("broken"); });
    for (std::size_t i = 0; i < 40; ++i) {
      crew.team.post(i % 2, [&done, block = crew.pool.acquire()] { ++done; });
    }
    EXPECT_THROW(crew.team.finish(), std::runtime_error);
    EXPECT_THROW(crew.team.work_until([] { return true; }), std::runtime_error);
  }
  EXPECT_LE(done, 20);
}

TEST(Team, MayEndWithWorkLeft) {
  Crew crew(64);
  for (std::size_t i = 0; i < 40; ++i) {
    crew.team.post(i % 2, [block = crew.pool.acquire()] {});
  }
}

}  // namespace
}  // namespace ncli
