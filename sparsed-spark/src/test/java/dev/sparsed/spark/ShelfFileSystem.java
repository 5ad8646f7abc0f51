package dev.sparsed.spark;

import java.io.IOException;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk under another name, as a Hadoop file system that is not local. */
public final class ShelfFileSystem extends RawLocalFileSystem {

  static final Collection<String> OPENED = new ConcurrentLinkedQueue<>();

  @Override
  public URI getUri() {
    return URI.create("shelf://shelf");
  }

  @Override
  public String getScheme() {
    return "shelf";
  }

  @Override
  protected void checkPath(Path path) {}

  @Override
  public FSDataInputStream open(Path file, int bufferSize) throws IOException {
    OPENED.add(file.getName());
    return super.open(file, bufferSize);
  }
}
