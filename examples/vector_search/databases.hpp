// The database vectors as floats and as codes, and the scores that queries get from each: this is the part
// that uses lowbit.
#pragma once
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/codebook.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/weight_only.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "matrix.hpp"

namespace vector_search {

/// Rows that are scored at a time: the scores of 100 queries stay in cache until they are ranked.
inline constexpr Index shard_rows = 2'000;

/// Calls f(shard, first row) for consecutive rows.
template <class F>
void for_each_shard(const Matrix& database, F&& f) {
  for (Index first = 0; first < database.rows(); first += shard_rows)
    f(database.middleRows(first, std::min(shard_rows, database.rows() - first)), first);
}

/// Every database has bytes() and score(queries, f), which calls f(scores [queries, rows], first row) for
/// each shard.
class FloatDatabase {
 public:
  explicit FloatDatabase(const Matrix& database) : database_(database) {}
  std::size_t bytes() const { return static_cast<std::size_t>(database_.size()) * sizeof(float); }
  template <class F>
  void score(const Matrix& queries, F&& f) {
    for_each_shard(database_, [&](const auto& shard, Index first) {
      scores_.noalias() = queries * shard.transpose();
      f(scores_, first);
    });
  }

 private:
  const Matrix& database_;
  Matrix scores_;
};

/// Codes of the database and of the queries, exact products of integers, rescaled.
class IntegerDatabase {
 public:
  template <class Quantizer>
  IntegerDatabase(const Matrix& database, const Quantizer& quantizer) {
    for_each_shard(database, [&](const auto& rows, Index first) {
      const auto q = quantizer.quantize(rows);
      bytes_ += q.bytes();
      shards_.push_back({first, PackedWeights::transposed(q)});  // codes of 4 bits become bytes
    });
  }
  std::size_t bytes() const { return bytes_; }
  template <class F>
  void score(const Matrix& queries, F&& f) {
    each_query_.quantize_into(queries, codes_);
    for (const Shard& shard : shards_) {
      scores_.resize(queries.rows(), shard.weights.columns());
      lowbit::linear_into(codes_, shard.weights, scores_, lowbit::rescale, workspace_);
      f(scores_, shard.first);
    }
  }

 private:
  using PackedWeights = lowbit::PackedWeights<std::int8_t>;
  using EachRow = lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>;
  struct Shard {
    Index first;
    PackedWeights weights;
  };

  std::vector<Shard> shards_;
  std::size_t bytes_ = 0;
  EachRow each_query_{{.axis = 0}};
  EachRow::Result codes_;
  lowbit::ProductWorkspace workspace_;
  Matrix scores_;
};

/// Codes of the database only, decoded in products with float queries.
template <class Quantizer>
class WeightOnlyDatabase {
 public:
  WeightOnlyDatabase(const Matrix& database, const Quantizer& quantizer) {
    for_each_shard(database, [&](const auto& rows, Index first) {
      shards_.push_back({first, quantizer.quantize(rows)});
    });
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const Shard& shard : shards_) sum += shard.rows.bytes();
    return sum;
  }
  template <class F>
  void score(const Matrix& queries, F&& f) {
    for (const Shard& shard : shards_) {
      scores_.resize(queries.rows(), shard.rows.shape()[0]);
      lowbit::linear_into(queries, shard.rows, scores_, workspace_);
      f(scores_, shard.first);
    }
  }

 private:
  struct Shard {
    Index first;
    typename Quantizer::Result rows;
  };
  std::vector<Shard> shards_;
  lowbit::WeightOnlyWorkspace workspace_;
  Matrix scores_;
};

}  // namespace vector_search
