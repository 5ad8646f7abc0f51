package dev.sparsed.demo;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * The weights that training starts from. A network this small takes long to discover how to look
 * something up, so it starts near a way to do so, in the spirit of mimetic initialisation (arXiv
 * 2305.09828) and of what is known of induction heads (arXiv 2209.11895):
 *
 * <ul>
 *   <li>The hidden state has a constant in its first dimension, in the second whether a token is
 *       the mask, token meanings in the others of the first half, and what stands before a token in
 *       the second half. The mask itself means nothing.
 *   <li>Each head of the first layer looks a fixed number of tokens back: its queries and keys turn
 *       the constant by the angle of that distance in the fast rotary pairs. What it finds goes to
 *       the second half.
 *   <li>Heads of the later layers have like queries and keys, which read the second half through
 *       the slow rotary pairs: a token attends to tokens, near or far, before which the same
 *       stands, but to no mask. Their outputs are the transpose of their values: what is found is
 *       told as it is.
 * </ul>
 *
 * <p>Every weight is then trained.
 */
final class DemoStart {

  private static final String PREFIX = "model.transformer.";

  /** Deviation of a token's embedding. */
  private static final double MEANING = 0.5;

  /** Share of an embedding that all tokens have which differ only in a space before them. */
  private static final double ALIKE = 0.95;

  /** Gain of the last norm: logits begin at about this times the square root of the width. */
  private static final double LAST_GAIN = 0.1;

  /** What each fast rotary pair adds to the score of the token that a first head looks at. */
  private static final double SHARPNESS = 6;

  /** What a head finds is added to the hidden state with this weight. */
  private static final float FOUND = 0.3f;

  private static final int FAST_PAIRS = 8;

  /** What the score of a mask is lowered by in later layers. */
  private static final double AVERSION = 12;

  /** Size of like queries and keys in the slow rotary pairs, and in the others. */
  private static final float SLOW = 3;

  private static final float FAST = 0.3f;

  /** The most that a slow pair turns over the whole text, in radians. */
  private static final double SLOW_TURN = 4;

  /** Dimensions of the first half that hold no meanings. */
  private static final int SPECIAL = 2;

  private final DemoShape shape;
  private final Random random;
  private final int half;
  private final double constant;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  private DemoStart(DemoShape shape, long seed) {
    this.shape = shape;
    this.random = new Random(seed);
    this.half = shape.width() / 2;
    this.constant = MEANING * Math.sqrt(shape.width()) / 2;
  }

  /** A parameter's name in a checkpoint. */
  static String name(String parameter) {
    return PREFIX + parameter + ".weight";
  }

  /** All parameters under their names in a checkpoint, drawn from the seed. */
  static Map<String, Tensor> parameters(DemoShape shape, DemoTokenizer encoding, long seed) {
    DemoStart start = new DemoStart(shape, seed);
    start.embeddings(encoding);
    for (int layer = 0; layer < shape.layers(); layer++) {
      String block = "blocks." + layer + ".";
      start.gain(block + "attn_norm", 1);
      if (layer == 0) {
        start.lookBack(block);
      } else {
        start.lookUp(block);
      }
      start.gain(block + "ff_norm", 1);
      start.feedForward(block);
    }
    start.gain("ln_f", LAST_GAIN);
    return start.parameters;
  }

  private void embeddings(DemoTokenizer encoding) {
    float[][] rows = new float[encoding.size()][];
    Map<String, float[]> byWord = new LinkedHashMap<>();
    String space = ByteAlphabet.symbol(' ');
    encoding
        .vocabulary()
        .forEach(
            (token, id) -> {
              boolean spaced = token.startsWith(space) && token.length() > 1;
              String word = spaced ? token.substring(1) : token;
              float[] shared = byWord.computeIfAbsent(word, key -> meaning());
              float[] own = meaning();
              for (int i = SPECIAL; i < half; i++) {
                own[i] = (float) (ALIKE * shared[i] + Math.sqrt(1 - ALIKE * ALIKE) * own[i]);
              }
              rows[id] = own;
            });
    for (int id = encoding.vocabulary().size(); id < rows.length; id++) {
      rows[id] = meaning();
    }
    float[] mask = new float[shape.width()];
    mask[1] = 1;
    rows[encoding.specialToken(DemoTokenizer.MASK)] = mask;
    for (float[] row : rows) {
      // Of one length, so that the norm leaves the same constant in all of them.
      scale(row, MEANING * Math.sqrt(half - SPECIAL));
      row[0] = (float) constant;
    }
    add("wte", rows);
  }

  private float[] meaning() {
    float[] row = new float[shape.width()];
    for (int i = SPECIAL; i < half; i++) {
      row[i] = (float) random.nextGaussian();
    }
    scale(row, 1);
    return row;
  }

  private static void scale(float[] row, double length) {
    double square = 0;
    for (float value : row) {
      square += value * value;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] *= (float) (length / Math.sqrt(square));
    }
  }

  /** The first layer. */
  private void lookBack(String block) {
    int dimension = shape.headDimension();
    float[][] query = small();
    float[][] key = small();
    // The norm divides by the root mean square of an embedding.
    double size = MEANING * Math.sqrt(0.25 + (half - (double) SPECIAL) / shape.width());
    double length = Math.sqrt(SHARPNESS * Math.sqrt(dimension)) * size / constant;
    for (int head = 0; head < shape.heads(); head++) {
      lookBack(query, key, head, head + 1, length);
    }
    float[][] value = new float[shape.width()][shape.width()];
    float[][] output = new float[shape.width()][shape.width()];
    for (int head = 0; head < shape.heads(); head++) {
      float[][] read = orthonormal(dimension);
      float[][] written = orthonormal(dimension);
      for (int i = 0; i < dimension; i++) {
        for (int j = 0; j < half; j++) {
          value[head * dimension + i][j] = j < SPECIAL ? 0 : read[i][j];
          output[half + j][head * dimension + i] = FOUND * written[i][j];
        }
      }
    }
    add(block + "q_proj", query);
    add(block + "k_proj", key);
    add(block + "v_proj", value);
    add(block + "attn_out", output);
  }

  /** Lets a head look back, by queries and keys of some length. */
  private void lookBack(float[][] query, float[][] key, int head, double distance, double length) {
    int dimension = shape.headDimension();
    for (int pair = 0; pair < Math.min(FAST_PAIRS, dimension / 2); pair++) {
      int row = head * dimension + pair;
      double angle = distance * shape.frequency(pair);
      query[row][0] = (float) (length * Math.cos(angle));
      query[row + dimension / 2][0] = (float) (-length * Math.sin(angle));
      key[row][0] = (float) length;
    }
  }

  /** A later layer. */
  private void lookUp(String block) {
    int dimension = shape.headDimension();
    float[][] query = small();
    float[][] key = small();
    float[][] value = new float[shape.width()][shape.width()];
    float[][] output = new float[shape.width()][shape.width()];
    for (int head = 0; head < shape.heads(); head++) {
      float[][] alike = orthonormal(dimension);
      float[][] told = orthonormal(dimension);
      for (int i = 0; i < dimension; i++) {
        int pair = i % (dimension / 2);
        float scale = shape.frequency(pair) * DemoShape.MOST_POSITIONS < SLOW_TURN ? SLOW : FAST;
        int row = head * dimension + i;
        for (int j = 0; j < half; j++) {
          query[row][half + j] += scale * alike[i][j];
          key[row][half + j] += scale * alike[i][j];
          value[row][j] = j < SPECIAL ? 0 : told[i][j];
          output[j][row] = j < SPECIAL ? 0 : FOUND * told[i][j];
        }
      }
      avoidMasks(query, key, head * dimension + dimension / 2 - 1);
    }
    add(block + "q_proj", query);
    add(block + "k_proj", key);
    add(block + "v_proj", value);
    add(block + "attn_out", output);
  }

  /** Gives the slowest rotary pair of a head to a score that is the same for all queries. */
  private void avoidMasks(float[][] query, float[][] key, int row) {
    int dimension = shape.headDimension();
    for (int part : new int[] {row, row + dimension / 2}) {
      Arrays.fill(query[part], 0);
      Arrays.fill(key[part], 0);
    }
    float size = (float) (Math.sqrt(AVERSION * Math.sqrt(dimension)) * MEANING / constant);
    query[row][0] = size;
    key[row][1] = -size;
  }

  private void feedForward(String block) {
    double deviation = 1 / Math.sqrt(shape.width());
    add(block + "ff_proj", normal(shape.mlpWidth(), shape.width(), deviation));
    add(block + "up_proj", normal(shape.mlpWidth(), shape.width(), deviation));
    double outer = 0.1 / Math.sqrt(shape.mlpWidth());
    add(block + "ff_out", normal(shape.width(), shape.mlpWidth(), outer));
  }

  private float[][] small() {
    return normal(shape.width(), shape.width(), 0.02 / Math.sqrt(shape.width()));
  }

  private float[][] normal(int rows, int columns, double deviation) {
    float[][] values = new float[rows][columns];
    for (float[] row : values) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) (deviation * random.nextGaussian());
      }
    }
    return values;
  }

  /** Orthogonal rows of length 1 in half a hidden state, by Gram and Schmidt. */
  private float[][] orthonormal(int count) {
    float[][] rows = normal(count, half, 1);
    for (int i = 0; i < count; i++) {
      for (int before = 0; before < Math.min(i, half); before++) {
        double along = 0;
        for (int j = 0; j < half; j++) {
          along += rows[i][j] * rows[before][j];
        }
        for (int j = 0; j < half; j++) {
          rows[i][j] -= (float) (along * rows[before][j]);
        }
      }
      scale(rows[i], 1);
    }
    return rows;
  }

  private void gain(String name, double value) {
    float[] values = new float[shape.width()];
    Arrays.fill(values, (float) value);
    parameters.put(name(name), Tensor.create(values));
  }

  private void add(String name, float[][] rows) {
    parameters.put(name(name), tensorOf(rows));
  }

  private static Tensor tensorOf(float[][] rows) {
    int columns = rows[0].length;
    float[] values = new float[rows.length * columns];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, values, row * columns, columns);
    }
    return Tensor.create(values, rows.length, columns);
  }
}
