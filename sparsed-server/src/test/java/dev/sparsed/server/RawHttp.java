package dev.sparsed.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/** Requests byte by byte, as no client library sends them. */
final class RawHttp {

  private RawHttp() {}

  static Socket open(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    return socket;
  }

  static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(UTF_8));
    socket.getOutputStream().flush();
  }

  static void hangUp(Socket socket) throws IOException {
    socket.close();
  }

  /** A POST request with its body. */
  static String post(String path, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        + body.getBytes(UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  /** Sends and reads until the server closes. */
  static String exchange(int port, String text) throws IOException {
    try (Socket socket = open(port)) {
      send(socket, text);
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  /** Reads until a text has come. */
  static String readUntil(Socket socket, String text) throws IOException {
    StringBuilder read = new StringBuilder();
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[1024];
    while (read.indexOf(text) < 0) {
      int count = in.read(buffer);
      if (count < 0) {
        throw new IOException("closed after: " + read);
      }
      read.append(new String(buffer, 0, count, UTF_8));
    }
    return read.toString();
  }
}
