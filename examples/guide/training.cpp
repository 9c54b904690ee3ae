// Quantization-aware training of a layer with weights of 2 bits: forward, backward, step.
#include <lowbit/lowbit.hpp>
#include <lowbit/training.hpp>

#include <iostream>

int main() {
  using namespace lowbit;
  Eigen::MatrixXf x(16, 64);
  for (Index i = 0; i < x.size(); ++i) x(i) = static_cast<float>(i * i % 101 - 50) / 50.0f;
  Eigen::MatrixXf w = Eigen::VectorXf::LinSpaced(256, -1.0f, 1.0f).array().cube().matrix().reshaped(4, 64);
  const Eigen::MatrixXf target = x * w.transpose();  // what the float weights compute

  AbsmaxQuantizer<int2, PerChannel> rows{{.axis = 0}};
  rows.fit(w);  // where training starts
  LearnedScale learned(rows);

  Eigen::MatrixXf wq(4, 64), dw(4, 64);
  const float scale_before = learned.scales()[0];
  float before = 0, now = 0;
  for (int epoch = 0; epoch < 400; ++epoch) {
    const float rate = 0.1f * (1.0f - static_cast<float>(epoch) / 400.0f);
    learned.forward_into(w, wq);                            // 1. wq: what the codes of w decode to
    const Eigen::MatrixXf e = x * wq.transpose() - target;  // 2. the layer, with wq in place of w
    now = e.squaredNorm() / target.squaredNorm();
    if (epoch == 0) before = now;
    const Eigen::MatrixXf dwq = e.transpose() * x / 16.0f;  // 3. the gradient with respect to wq
    learned.backward_into(w, dwq, dw);                      // 4. dw, and the gradients of the scales
    w -= rate * dw;                                         // 5. any optimizer, on the float weights
    learned.step(4.0f * rate);                              // 6. the scales
  }
  const auto stored = learned.quantizer().quantize(w);  // what is stored: the codes of the trained weights
  std::cout.precision(2);
  std::cout << "relative square error: " << before << " rounded, " << (now < 0.1f ? "below" : "above")
            << " 0.1 trained, with scales " << (stored.scale(0) < scale_before ? "smaller" : "larger")
            << " than before\n";
}
