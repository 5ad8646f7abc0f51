#include <vector>

#include "emulated_hopper.h"

namespace sparsed::emulation {

u16 round_to(Bf16, float value) {
  if (std::isnan(value)) return 0x7fff;
  const u32 bits = float_bits(value);
  return static_cast<u16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

namespace {

float value_of(u16 bits) {
  const int exponent = bits >> 10 & 31;
  const int mantissa = bits & 1023;
  const float sign = bits & 0x8000 ? -1.0f : 1.0f;
  if (exponent == 31) return mantissa != 0 ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
  return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
}

const std::vector<float> f16_values = [] {
  std::vector<float> all(1 << 16);
  for (u32 i = 0; i < all.size(); ++i) all[i] = value_of(static_cast<u16>(i));
  return all;
}();

}  // namespace

const float* const kF16Values = f16_values.data();

u16 round_to(F16, float value) {
  if (std::isnan(value)) return 0x7fff;
  const u16 sign = std::signbit(value) ? 0x8000 : 0;
  const double size = std::fabs(double{value});
  if (size == 0) return sign;
  if (size >= 65520) return sign | 0x7c00;
  int exponent;
  std::frexp(size, &exponent);
  // The step between neighbours, of subnormal numbers at the least; nearbyint rounds to even.
  const int step = std::max(exponent - 11, -24);
  const int steps = static_cast<int>(std::nearbyint(std::ldexp(size, -step)));
  // A mantissa that rounds up to 2048 carries into the exponent by itself.
  return static_cast<u16>(sign | (step == -24 ? steps : ((step + 24) << 10) + steps));
}

void load_matrices(u32 (&matrices)[4], u32 row_address, bool transposed) {
  struct Input {
    u32 address;
    bool transposed;
    SharedMemory::Actor actor;
  } input{row_address, transposed, Block::current().actor()};
  Block::current().collective("ldmatrix", &input, &matrices, [](Block::Lane* lanes) {
    auto& block = Block::current();
    for (int m = 0; m < 4; ++m) {
      u16 matrix[8][8];
      u32 addresses[8];
      u32 distinct = 0;
      u32 bank_groups = 0;
      bool is_transposed = false;
      for (int row = 0; row < 8; ++row) {
        const Input& in = *static_cast<const Input*>(lanes[8 * m + row].input);
        block.shared().read(in.address, matrix[row], 16, in.actor);
        // Lanes may ask for the same row; different rows must lie in different groups of banks.
        if (std::find(addresses, addresses + row, in.address) == addresses + row) ++distinct;
        addresses[row] = in.address;
        bank_groups |= 1u << in.address / 16 % 8;
        is_transposed = in.transposed;
      }
      const u32 groups = static_cast<u32>(count_bits(bank_groups));
      if (groups < distinct) {
        throw Error("bank conflict: the " + std::to_string(distinct) + " rows of a matrix load fall into " +
                    std::to_string(groups) + " groups of banks");
      }
      for (int l = 0; l < 32; ++l) {
        u32 pair = 0;
        for (int which = 0; which < 2; ++which) {
          const int row = l / 4;
          const int column = 2 * (l % 4) + which;
          const u16 element = is_transposed ? matrix[column][row] : matrix[row][column];
          pair |= u32{element} << 16 * which;
        }
        (*static_cast<u32(*)[4]>(lanes[l].output))[m] = pair;
      }
    }
  });
}

// Fields of a matrix descriptor: bits 0 to 13 the address, 16 to 29 and 32 to 45 two distances, all
// in units of 16 bytes; bits 62 and 63 the permutation, 1 for that over 128 bytes.
u16 operand_element(u64 operand, bool transposed, int row, int column, int thread) {
  if (operand >> 62 != 1) throw Error("an operand that is not permuted over 128 bytes");
  const u32 start = static_cast<u32>(operand & 0x3fff) << 4;
  const u32 leading = static_cast<u32>(operand >> 16 & 0x3fff) << 4;
  const u32 stride = static_cast<u32>(operand >> 32 & 0x3fff) << 4;
  u32 address = transposed ? start + row / 64 * leading + row % 64 * 2 + column / 8 * stride + column % 8 * 128
                           : start + row / 8 * stride + row % 8 * 128 + column * 2;
  address ^= (address >> 7 & 7) << 4;
  // Words are what is watched.
  u16 pair[2];
  Block& block = Block::current();
  block.shared().read_by_tensor_cores(address & ~3u, pair, sizeof pair, block.actor_of(thread),
                                      [&](int writer) { return block.visible_until(writer); });
  return pair[address >> 1 & 1];
}

}  // namespace sparsed::emulation
