import Foundation
import Support
import Testing

@testable import Disks

@Suite struct NBDExportTests {
  private func nbdProcesses(_ socket: String) async throws -> [String] {
    let result = try await Tool.run("pgrep", ["-f", "--", "--socket=\(socket)"])
    return String(decoding: result.standardOutput, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func vanishes(_ socket: String) async throws -> Bool {
    for _ in 0..<200 {
      if try await nbdProcesses(socket).isEmpty { return true }
      try await Task.sleep(for: .milliseconds(25))
    }
    return false
  }

  @Test func servesWhatTheOverlayHolds() async throws {
    let images = try TestImages()
    let raw = try images.raw("r", size: 8 << 20)
    let layer = try await images.image(.vmdk, from: raw, name: "d.vmdk", options: "subformat=streamOptimized")
    let chain = try await DiskChain.resolve([layer], within: images.folder)
    let overlay = try await Overlay.create(at: images.path("o"), over: chain)
    let socket = images.path("sockets/d0.sock")
    try await NBDExport.withExport(of: overlay, socket: socket, connections: 4) { uri in
      var status = stat()
      #expect(lstat(socket, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      #expect(lstat(images.path("sockets"), &status) == 0)
      #expect(status.st_mode & 0o777 == 0o700)
      let facts = try await Tool.output("nbdinfo", ["--json", uri])
      let text = String(decoding: facts, as: UTF8.self)
      #expect(text.contains("\"is_read_only\": true"))
      #expect(text.contains("base:allocation"))
      #expect(text.contains("\"export-size\": 8388608"))
      let map = try await Tool.output("nbdinfo", ["--map", "--totals", uri])
      #expect(String(decoding: map, as: UTF8.self).contains("hole,zero"))
      _ = try await Tool.output("nbdcopy", ["--connections=4", uri, images.path("copy.raw")])
    }
    #expect(try await images.same(images.chain(raw: images.path("copy.raw")), images.chain(raw: raw)))
    #expect(try await nbdProcesses(socket).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: socket))
  }

  @Test(.timeLimit(.minutes(5))) func reportsADeadServerAndCancelsTheBody() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1 << 20))
    let socket = images.path("s/d0.sock")
    let error = try await ascendError {
      try await NBDExport.withExport(of: chain, socket: socket, connections: 1) { _ in
        for process in try await nbdProcesses(socket) { _ = try await Tool.run("kill", ["-9", process]) }
        try await Task.sleep(for: .seconds(3600))
      }
    }
    #expect(error.code == "disk.exportFailed")
  }

  @Test func givesTheServersOwnReason() async throws {
    let images = try TestImages()
    let chain = DiskChain(layers: [ImageLayer(path: images.path("gone"), format: .raw)], virtualSizeBytes: 512)
    let error = try await ascendError {
      try await NBDExport.withExport(of: chain, socket: images.path("s/d"), connections: 1) { _ in }
    }
    #expect(error.code == "disk.exportFailed")
    #expect(error.cause?.contains("No such file") == true)
  }

  @Test(.timeLimit(.minutes(5))) func endsWithItsTask() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1 << 20))
    let socket = images.path("s/d0.sock")
    let task = Task {
      try await NBDExport.withExport(of: chain, socket: socket, connections: 1) { _ in
        try await Task.sleep(for: .seconds(3600))
      }
    }
    while try await nbdProcesses(socket).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await nbdProcesses(socket).isEmpty)
  }

  @Test func refusesPathsThatDoNotFitOrAreTaken() async throws {
    let images = try TestImages()
    let chain = try images.chain(raw: images.raw("r", size: 1 << 20))
    _ = try images.write("taken", [1])
    #expect(chmod(images.folder, 0o700) == 0)
    for path in [images.path(String(repeating: "s", count: 108)), "relative/path", images.path("taken")] {
      let error = try await ascendError {
        try await NBDExport.withExport(of: chain, socket: path, connections: 1) { _ in }
      }
      #expect(error.code == "disk.socketPath")
    }
    try FileManager.default.createDirectory(atPath: images.path("open"), withIntermediateDirectories: false)
    #expect(chmod(images.path("open"), 0o755) == 0)
    let error = try await ascendError {
      try await NBDExport.withExport(of: chain, socket: images.path("open/s"), connections: 1) { _ in }
    }
    #expect(error.code == "disk.socketPath")
  }

  /// `kill -9` of the host: nothing may be left serving the backup.
  @Test func endsWithTheHost() async throws {
    let images = try TestImages()
    let raw = try images.raw("r", size: 1 << 20)
    let socket = images.path("s/d0.sock")
    await #expect(processExitsWith: .signal(SIGKILL)) { [raw = raw as String, socket = socket as String] in
      let chain = DiskChain(layers: [ImageLayer(path: raw, format: .raw)], virtualSizeBytes: 1 << 20)
      try await NBDExport.withExport(of: chain, socket: socket, connections: 1) { uri in
        _ = try await Tool.output("nbdinfo", [uri])
        kill(getpid(), SIGKILL)
        try await Task.sleep(for: .seconds(60))
      }
    }
    // The socket shows that the server did run.
    #expect(FileManager.default.fileExists(atPath: socket))
    #expect(try await vanishes(socket))
    // And what the crash left behind does not stand in the way.
    try await NBDExport.withExport(of: images.chain(raw: raw), socket: socket, connections: 1) { uri in
      _ = try await Tool.output("nbdinfo", [uri])
    }
  }
}
