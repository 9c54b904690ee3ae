// A 784-256-128-10 perceptron in plain Eigen: ReLU, softmax cross-entropy, Adam. Samples are columns.
#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <numeric>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "../common/idx.hpp"

namespace fashion_mnist {

inline constexpr std::size_t layers = 3;
inline constexpr std::array<Eigen::Index, layers + 1> widths{pixels, 256, 128, classes};

/// Random numbers that are the same on every standard library, which std::normal_distribution and
/// std::shuffle do not promise.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return static_cast<double>((engine_() >> 11) + 1) * 0x1p-53; }  // (0, 1]
  float normal() {                                                                   // Box and Muller
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    return static_cast<float>(radius * std::cos(2.0 * std::numbers::pi * uniform()));
  }
  void shuffle(std::span<Eigen::Index> order) {  // Fisher and Yates
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[engine_() % i]);
  }

 private:
  std::mt19937_64 engine_;
};

/// The network: layer l computes relu(weights[l] * x + biases[l]), the last one without relu.
/// A weight matrix has one row per output neuron: quantizing per channel on axis 0 gives each neuron its own
/// scale.
struct Mlp {
  std::array<Eigen::MatrixXf, layers> weights;
  std::array<Eigen::VectorXf, layers> biases;
};

/// An initial model: He's normal weights (variance 2 / inputs), zero biases.
inline Mlp random_mlp(Random& random) {
  Mlp mlp;
  for (std::size_t l = 0; l < layers; ++l) {
    const float deviation = std::sqrt(2.0F / static_cast<float>(widths[l]));
    mlp.weights[l].resize(widths[l + 1], widths[l]);
    for (float& w : mlp.weights[l].reshaped()) w = deviation * random.normal();
    mlp.biases[l].setZero(widths[l + 1]);
  }
  return mlp;
}

/// The outputs of each layer for a batch: the last are the logits (10 x samples).
using Activations = std::array<Eigen::MatrixXf, layers>;

inline void forward(const Mlp& mlp, const Eigen::MatrixXf& images, Activations& out) {
  for (std::size_t l = 0; l < layers; ++l) {
    out[l].noalias() = mlp.weights[l] * (l == 0 ? images : out[l - 1]);
    out[l].colwise() += mlp.biases[l];
    if (l + 1 < layers) out[l] = out[l].cwiseMax(0.0F);
  }
}

/// The class with the largest logit, for every image.
inline std::vector<std::uint8_t> predict(const Mlp& mlp, const Eigen::MatrixXf& images) {
  Activations out;
  forward(mlp, images, out);
  std::vector<std::uint8_t> best;
  for (const auto& logits : out.back().colwise()) {
    Eigen::Index row = 0;
    logits.maxCoeff(&row);
    best.push_back(static_cast<std::uint8_t>(row));
  }
  return best;
}

/// The share of places, 0..1, where two label lists of one length agree: accuracy against the truth.
inline double agreement(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  const auto same = std::transform_reduce(a.begin(), a.end(), b.begin(), 0, std::plus<>(), std::equal_to<>());
  return static_cast<double>(same) / static_cast<double>(a.size());
}

struct Training {
  int epochs = 4;
  int batch = 128;
  float rate = 0.003F;  // Adam's step, falling linearly to zero
};

/// How many times train() reports progress.
inline int training_steps(const Dataset& data, const Training& how) {
  return how.epochs * (static_cast<int>(data.images.cols()) / how.batch);
}

/// Adam (Kingma and Ba, 2015) for one weight matrix or bias vector.
template <class Parameter>
class Adam {
 public:
  void step(Parameter& p, const Parameter& gradient, float rate, int t) {
    constexpr float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
    if (t == 1) mean_ = square_ = Parameter::Zero(p.rows(), p.cols());
    mean_ = beta1 * mean_ + (1 - beta1) * gradient;
    square_ = beta2 * square_ + (1 - beta2) * gradient.cwiseAbs2();
    const auto steps = static_cast<float>(t);
    const float unbias1 = 1 - std::pow(beta1, steps), unbias2 = 1 - std::pow(beta2, steps);
    p.array() -= (rate / unbias1) * mean_.array() / ((square_.array() / unbias2).sqrt() + epsilon);
  }

 private:
  Parameter mean_, square_;
};

/// Training without quantization: computes with the weights themselves.
struct OwnWeights {
  const Mlp& forward(const Mlp& mlp) const { return mlp; }
  void backward(const Mlp&, std::size_t, Eigen::MatrixXf&) const {}
};

/// Trains in place on shuffled mini-batches; calls `progress()` after each. For quantization-aware training
/// `weights` provides the model to compute with, and converts a layer's gradients for it into those for the
/// trained model.
template <class Progress, class Weights = OwnWeights>
void train(Mlp& mlp, const Dataset& data, const Training& how, Random& random, Progress&& progress,
           Weights&& weights = {}) {
  std::vector<Eigen::Index> order(data.labels.size());
  std::iota(order.begin(), order.end(), Eigen::Index{0});

  Activations out,
      delta;  // delta[l]: gradient of the loss with respect to what layer l computed before its relu
  Eigen::MatrixXf images(pixels, how.batch), weight_gradient;
  Eigen::VectorXf bias_gradient;
  std::array<Adam<Eigen::MatrixXf>, layers> weight_adam;
  std::array<Adam<Eigen::VectorXf>, layers> bias_adam;

  const int steps = training_steps(data, how), per_epoch = steps / how.epochs;
  for (int step = 0; step < steps; ++step) {
    if (step % per_epoch == 0) random.shuffle(order);
    const auto* batch = &order[static_cast<std::size_t>(step % per_epoch * how.batch)];
    for (int i = 0; i < how.batch; ++i) images.col(i) = data.images.col(batch[i]);
    const Mlp& used = weights.forward(mlp);
    forward(used, images, out);

    // Softmax and cross-entropy together have the gradient (probability - one if it is the label).
    Eigen::MatrixXf& d = delta.back();
    d = (out.back().rowwise() - out.back().colwise().maxCoeff()).array().exp();
    d.array().rowwise() /= d.colwise().sum().array().eval();
    for (int i = 0; i < how.batch; ++i) d(data.labels[static_cast<std::size_t>(batch[i])], i) -= 1.0F;
    d /= static_cast<float>(how.batch);

    const float rate = how.rate * static_cast<float>(steps - step) / static_cast<float>(steps);
    for (std::size_t l = layers; l-- > 0;) {
      if (l > 0) {  // before the weights change
        delta[l - 1].noalias() = used.weights[l].transpose() * delta[l];
        delta[l - 1].array() *= (out[l - 1].array() > 0.0F).cast<float>();
      }
      weight_gradient.noalias() = delta[l] * (l == 0 ? images : out[l - 1]).transpose();
      weights.backward(mlp, l, weight_gradient);
      bias_gradient = delta[l].rowwise().sum();
      weight_adam[l].step(mlp.weights[l], weight_gradient, rate, step + 1);
      bias_adam[l].step(mlp.biases[l], bias_gradient, rate, step + 1);
    }
    progress();
  }
}

}  // namespace fashion_mnist
