package dev.sparsed.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.util.Utils;

/**
 * Checkpoints as LibTorch reads them: folders of the local disk. What lies on another file system
 * is copied there once per executor, into Spark's local folder, which goes with the executor.
 */
final class LocalWeights {

  /** Two letters at least, so that a drive of Windows is no file system. */
  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  private static final Map<String, String> COPIES = new ConcurrentHashMap<>();

  private LocalWeights() {}

  /**
   * A local folder, or the name of a repository, as it is; another file system's folder as a local
   * copy.
   */
  static String of(String modelPath) {
    return URI.matcher(modelPath).matches()
        ? COPIES.computeIfAbsent(modelPath, LocalWeights::fetch)
        : modelPath;
  }

  private static String fetch(String uri) {
    org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(uri);
    if ("file".equals(source.toUri().getScheme())) {
      return Path.of(source.toUri().getPath()).toString();
    }
    SparkConf conf = SparkEnv.get().conf();
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(conf);
    File folder = Utils.createTempDir(Utils.getLocalDir(conf), "sparsed-weights");
    boolean whole = false;
    try {
      FileSystem files = source.getFileSystem(hadoop);
      for (FileStatus file : files.listStatus(source)) {
        if (file.isFile()) {
          org.apache.hadoop.fs.Path copy =
              new org.apache.hadoop.fs.Path(new File(folder, file.getPath().getName()).toURI());
          files.copyToLocalFile(false, file.getPath(), copy, true);
        }
      }
      whole = true;
      return folder.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy the model of " + uri + ": " + e.getMessage(), e);
    } finally {
      if (!whole) {
        Utils.deleteRecursively(folder);
      }
    }
  }
}
