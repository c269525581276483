public import ConnectorProtocol
import Foundation

/// A disk that the host would offer: a raw image behind a read-only qemu-nbd, which ends with the scratch folder that its
/// socket is in.
public final class Export: Sendable {
  /// An NBD URI on a Unix socket.
  public let uri: String
  private let process = Process()

  /// - Parameters:
  ///   - scratch: Where the socket lies.
  ///   - bytesPerSecond: Makes reading slow enough to be interrupted.
  public init(_ image: String, in scratch: Scratch, bytesPerSecond: Int? = nil) throws {
    let socket = scratch.file("x\(Int.random(in: 0..<1_000_000)).sock")
    let source =
      bytesPerSecond.map { rate in
        [
          "--object", "throttle-group,id=slow,x-bps-read=\(rate)", "--image-opts",
          "driver=throttle,throttle-group=slow,file.driver=raw,file.file.driver=file,file.file.filename=\(image)",
        ]
      } ?? ["--format=raw", image]
    process.executableURL = URL(filePath: "/usr/bin/qemu-nbd")
    let number = socket + ".pid"
    process.arguments =
      ["--read-only", "--allocation-depth", "--shared=8", "--persistent", "--socket=\(socket)", "--pid-file=\(number)"]
      + source
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    uri = "nbd+unix:///?socket=\(socket)"
    scratch.keep(Server(process))
    try process.waitForNumber(in: number)
  }

  /// The source goes away, as it does when the host's server fails; once this returns, nothing answers there.
  public func end() { Server.end(process) }

  /// The process, without the export: a test may let go of that while its disk is still to be read.
  private final class Server: Sendable {
    private let process: Process

    init(_ process: Process) { self.process = process }

    deinit { Self.end(process) }

    static func end(_ process: Process) {
      guard process.isRunning else { return }
      // Asked kindly, it would wait for its clients first, which may be waiting for the one that calls this.
      kill(process.processIdentifier, SIGKILL)
      process.waitForEnd()
    }
  }

  /// The `source` of `disk/receive`.
  ///
  /// - Parameter format: The planned one: what the connector makes of the bytes.
  public func source(size: Int64, format: String = "raw", generation: String = "g1") -> DiskSource {
    DiskSource(kind: "nbd", location: uri, format: format, sizeBytes: size, generation: generation)
  }
}
