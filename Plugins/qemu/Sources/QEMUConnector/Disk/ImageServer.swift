import Foundation

/// A qemu-nbd of ours over a qcow2 image that is being written.
///
/// It ends when its last client leaves, so that it does not outlive this process; one that never had a client is ended
/// by whoever takes the disk up again.
final class ImageServer: Sendable {
  static let connections = 2

  let uri: String
  private let program: Program
  private let scratch: String
  private let pidFile: String

  private init(uri: String, program: Program, scratch: String, pidFile: String) {
    self.uri = uri
    self.program = program
    self.scratch = scratch
    self.pidFile = pidFile
  }

  /// The socket lies in a short-named folder of its own, 0700: a socket's path has 107 bytes at most.
  static func start(_ image: String, disk: MachinePlan.Disk, in folder: MachineFolder) throws -> ImageServer {
    var template = Array("/tmp/ascend-nbd-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("mkdtemp", "/tmp") }
    let scratch = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pidFile = pidPath(disk, in: folder)
    unlink(pidFile)
    do {
      let errors = try Descriptor.memory()
      let program = try Program.start(
        "qemu-nbd",
        [
          "--format=qcow2", "--socket=\(scratch)/s", "--shared=\(connections)", "--pid-file=\(pidFile)",
          "--discard=unmap", "--detect-zeroes=unmap", "--", image,
        ], output: errors, error: errors)
      let server = ImageServer(
        uri: "nbd+unix:///?socket=\(scratch)/s", program: program, scratch: scratch, pidFile: pidFile)
      // It writes its number once it listens.
      for _ in 0..<600 {
        if access(pidFile, F_OK) == 0 { return server }
        if let exit = program.poll() {
          let said = String(decoding: try errors.read(from: 0, limit: 4096), as: UTF8.self)
          throw Failure.serverEnded(image, exit, said)
        }
        usleep(50_000)
      }
      server.stop()
      throw SystemError("start", "qemu-nbd", number: ETIMEDOUT)
    } catch {
      try? FolderRemoval.remove(scratch)
      throw error
    }
  }

  /// Ends it in order, so that it closes its image; waits for that.
  func stop() {
    if program.poll() == nil {
      kill(program.process, SIGTERM)
      _ = program.wait(until: .now + .seconds(120))
    }
    unlink(pidFile)
    try? FolderRemoval.remove(scratch)
  }

  private static func pidPath(_ disk: MachinePlan.Disk, in folder: MachineFolder) -> String {
    "\(folder.transfers)/disk\(disk.index).nbd.pid"
  }

  /// Ends servers of an earlier process that nobody ever connected to: they would hold the image's lock.
  static func endLeftBehind(in folder: MachineFolder) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.transfers)) ?? []
    for name in names where name.hasSuffix(".nbd.pid") {
      let path = folder.transfers + "/" + name
      RecordedProcess.find(pidFile: path) { words in words.contains("--pid-file=" + path) }?.end()
      unlink(path)
    }
  }
}
