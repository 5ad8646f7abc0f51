package dev.sparsed.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ScorePictureTest {

  private static final BlockGrid GRID = BlockGrid.square(1, 2, 30, 8);

  /** Each query block reads its own block only, or all alike. */
  private static BlockScoreMap scores() {
    float[] scores = new float[GRID.rows() * GRID.keyBlocks()];
    for (int row = 0; row < GRID.rows(); row++) {
      int query = row % 4;
      for (int key = 0; key < 4; key++) {
        float all = GRID.queryBlockLength(query);
        scores[row * 4 + key] = row < 4 ? (key == query ? all : 0) : all / 4;
      }
    }
    return BlockScoreMap.of(GRID, scores);
  }

  @Test
  void sharesAreThoseOfARowsQueries() {
    BlockScoreMap map = scores();
    assertEquals(1, map.share(0, 0));
    assertEquals(1, map.share(3, 3), 1e-6, "the last block has six tokens");
    assertEquals(0.25, map.share(7, 0), 1e-6);
    assertThrows(IndexOutOfBoundsException.class, () -> map.share(8, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> map.score(0, 4));
    assertThrows(IllegalArgumentException.class, () -> BlockScoreMap.of(GRID, new float[3]));
  }

  @Test
  void theMoreAttentionTheDarker() {
    ScorePicture picture = new ScorePicture(scores(), "layer 1", 3);
    assertTrue(picture.text(0, 40).contains("│▀▄ │ │"), picture.text(0, 40));
    assertTrue(picture.text(1, 40).contains("│███│█│"), picture.text(1, 40));
    PixelImage image = picture.sheet(100);
    assertTrue(image.width() > 200 && image.height() > 100);
    assertEquals(image.width(), picture.sheet(100).width());
    assertThrows(IndexOutOfBoundsException.class, () -> picture.image(2, 100));
    assertThrows(IllegalArgumentException.class, () -> new ScorePicture(scores(), "", 4));
  }
}
