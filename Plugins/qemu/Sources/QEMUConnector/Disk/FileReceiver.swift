import ConnectorKit
import ConnectorProtocol
import Foundation

/// Takes a disk that the host has as an image file: moved where it may be and can be, copied otherwise.
struct FileReceiver: Sendable {
  var folder: MachineFolder
  var disk: MachinePlan.Disk
  var source: DiskSource

  private var part: String { folder.file(disk.partName) }

  func run(adopting receipt: DiskReceipt?, _ operation: OperationContext) async throws -> DiskReceipt.Counts {
    // A process that ended after the move and before it was noted leaves the disk here and the source gone.
    if receipt?.generation == source.generation, !MachineStore.exists(source.location), MachineStore.exists(part) {
      return counts(0)
    }
    try await ImageFile(path: source.location, format: disk.format).check(size: disk.sizeBytes)
    let stopped = Flag()
    let pace = SourcePace(limits: TransferLimits.current, stopped: stopped)
    return try await withTaskCancellationHandler {
      try await Blocking.run {
        try Failure.translating("Taking disk \(disk.index) from \(source.location)", outcome: .partial) {
          try take(pace, operation)
        }
      }
    } onCancel: {
      stopped.raise()
    }
  }

  private func take(_ pace: SourcePace, _ operation: OperationContext) throws -> DiskReceipt.Counts {
    try DiskReceipt(generation: source.generation).write(disk, in: folder)
    for path in [part, folder.file(disk.fileName)] where unlink(path) != 0 && errno != ENOENT {
      throw SystemError("unlink", path)
    }
    if source.movable == true {
      if rename(source.location, part) == 0 {
        let file = try Descriptor.open(part, O_RDWR | O_NOFOLLOW)
        guard fchmod(file.number, 0o600) == 0 else { throw SystemError("chmod", part) }
        try fit(file)
        return counts(0)
      }
      guard errno == EXDEV else { throw SystemError("rename", source.location) }
    }
    let input = try Descriptor.open(source.location, O_RDONLY | O_NOFOLLOW)
    let output = try Descriptor.open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    let total = Int64(try input.status(source.location).st_size)
    let moved = try SparseCopy(input: input, output: output, size: total, path: part).run { done, skipped in
      try pace.keep(to: done - skipped)
      operation.progress(phase: "copy", done: done, total: total, skipped: skipped, message: "disk \(disk.index)")
    }
    try fit(output)
    return counts(moved)
  }

  /// A raw image is as long as the disk; a shorter one reads as zeros behind its end.
  private func fit(_ file: Descriptor) throws {
    if disk.format == "raw", ftruncate(file.number, off_t(disk.sizeBytes)) != 0 { throw SystemError("truncate", part) }
    guard fsync(file.number) == 0 else { throw SystemError("fsync", part) }
  }

  private func counts(_ moved: Int64) -> DiskReceipt.Counts {
    DiskReceipt.Counts(read: moved, sent: moved, skipped: max(0, disk.sizeBytes - moved))
  }
}
