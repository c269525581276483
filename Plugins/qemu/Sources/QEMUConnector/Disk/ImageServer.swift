import Foundation

/// A qemu-nbd of ours over an image that is being written, or read back.
///
/// It ends when its last client leaves, so that it does not outlive this process; one that never had a client is ended
/// by whoever takes the disk up again.
final class ImageServer: Sendable {
  static let connections = 2

  enum Purpose {
    case write
    case readBack

    fileprivate var options: [String] {
      switch self {
      case .write: ["--shared=\(connections)", "--discard=unmap", "--detect-zeroes=unmap"]
      case .readBack: ["--shared=\(DiskReadBack.connections)", "--read-only"]
      }
    }
  }

  let uri: String
  private let program: Program
  private let place: ImageServerPlace

  private init(program: Program, place: ImageServerPlace) {
    uri = place.uri
    self.program = program
    self.place = place
  }

  static func start(
    _ image: String, format: String = "qcow2", for purpose: Purpose = .write, disk: MachinePlan.Disk,
    in folder: MachineFolder
  ) throws -> ImageServer {
    let place = ImageServerPlace(disk, in: folder)
    try place.make()
    do {
      let errors = try Descriptor.memory()
      let program = try Program.start(
        "qemu-nbd",
        ["--format=\(format)", "--socket=\(place.socket)", "--pid-file=\(place.pidFile)"] + purpose.options
          + ["--", image], output: errors, error: errors)
      let server = ImageServer(program: program, place: place)
      // It writes its number once it listens.
      for _ in 0..<600 {
        if access(place.pidFile, F_OK) == 0 { return server }
        if let exit = program.poll() {
          let said = String(decoding: try errors.read(from: 0, limit: 4096), as: UTF8.self)
          throw Failure.serverEnded(image, exit, said)
        }
        usleep(50_000)
      }
      server.stop()
      throw SystemError("start", "qemu-nbd", number: ETIMEDOUT)
    } catch {
      place.clear()
      throw error
    }
  }

  /// Ends it in order, so that it closes its image; waits for that.
  func stop() {
    if program.poll() == nil {
      kill(program.process, SIGTERM)
      _ = program.wait(until: .now + .seconds(120))
    }
    place.clear()
  }

  /// Ends the servers of an earlier process: one that nobody ever connected to holds its image's lock for ever.
  static func endLeftBehind(_ disks: [MachinePlan.Disk], in folder: MachineFolder) {
    for disk in disks {
      let place = ImageServerPlace(disk, in: folder)
      let option = "--pid-file=" + place.pidFile
      RecordedProcess.find(pidFile: place.pidFile) { $0.contains(option) }?.end()
      place.clear()
    }
  }
}
