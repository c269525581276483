import ConnectorDisk
import ConnectorImages
import ConnectorProtocol
import Foundation
import Glibc
import Support

/// A conversion by one of the SDK's encoders, from an export of the disk to a file.
enum StreamedConversion {
  private static let connections = 4

  /// - Parameter progress: Gets the share that is done, 0 to 1.
  /// - Throws: `disk.noSpace`, `disk.conversionFailed`, `disk.exportFailed`.
  static func write(
    _ chain: DiskChain, as kind: ImageKind, at path: String, progress: @escaping @Sendable (Double) -> Void
  ) async throws(AscendError) {
    // Not beside the image: a socket's path may be of 107 bytes only.
    let folder = NSTemporaryDirectory() + "ascend-stream-" + UUID().uuidString.prefix(8)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      try await NBDExport.withExport(of: chain, socket: folder + "/s", connections: connections) { uri in
        let reader = try await DiskReader.open(uri, connections: connections)
        let file = try OutputFile(path)
        let encoder = StreamOptimizedEncoder(sizeBytes: reader.sizeBytes, options: options(kind, path))
        let image = encode(reader, as: encoder) { progress(Double($0.done) / Double(max(1, $0.total))) }
        for try await piece in image { try file.append(piece) }
      }
    } catch let error as ConnectorError {
      throw AscendError(
        "disk.conversionFailed", "The disk cannot be converted", object: path, cause: error.message,
        remedy: error.remedy)
    } catch {
      throw .wrapping(error, as: "disk.conversionFailed", "The disk cannot be converted", object: path)
    }
  }

  private static func options(_ kind: ImageKind, _ path: String) -> StreamOptimizedEncoder.Options {
    var options = StreamOptimizedEncoder.Options()
    options.name = (path as NSString).lastPathComponent
    for option in kind.options where option.hasPrefix("adapter_type=") {
      options.adapterType = String(option.dropFirst("adapter_type=".count))
    }
    return options
  }
}

/// A new file that is written from its start to its end.
private final class OutputFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws(AscendError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw AscendError.system("disk.conversionFailed", "The image cannot be made", object: path, errno: errno)
    }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws(AscendError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw DiskSpace.error(
          String(cString: strerror(errno)), orElse: "disk.conversionFailed", "The image cannot be written", at: path)
      }
      done += count
    }
  }
}
