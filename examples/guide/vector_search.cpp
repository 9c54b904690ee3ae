// The nearest neighbours of a vector by inner product, from codes of 8 bits.
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>

#include <iostream>

int main() {
  using namespace lowbit;
  Eigen::MatrixXf database(500, 32);  // a vector a row
  for (Index i = 0; i < 500; ++i)
    for (Index j = 0; j < 32; ++j) database(i, j) = static_cast<float>((i + 1) * (j + 3) * 37 % 101 - 50);
  database.rowwise().normalize();  // inner products are cosines
  const Eigen::MatrixXf query = 0.6f * database.row(42) + 0.4f * database.row(7);

  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};  // a scale for each vector
  const auto codes = rows.quantize(database);
  const auto packed = PackedWeights<std::int8_t>::transposed(codes);  // once
  const auto asked = rows.quantize(query);

  const Eigen::RowVectorXf scores = matmul(asked, packed, rescale), truth = query * database.transpose();
  Index best = 0, best_in_float = 0;
  scores.maxCoeff(&best);
  truth.maxCoeff(&best_in_float);
  std::cout.precision(3);
  std::cout << "nearest: " << best << " (in float " << best_in_float << "), score " << scores(best)
            << " (in float " << truth(best)
            << ")\nlargest error of all scores: " << (scores - truth).cwiseAbs().maxCoeff() << '\n';

  // One pair: the sum of products of codes, exact in int32.
  const Eigen::Matrix<std::int8_t, Eigen::Dynamic, 1> a = codes.code_matrix().row(42),
                                                      b = asked.code_matrix().row(0);
  const std::int32_t sum = dot(a, b);
  std::cout << "codes: " << sum << ", scaled " << codes.scale(42) * asked.scale(0) * static_cast<float>(sum)
            << '\n';
}
