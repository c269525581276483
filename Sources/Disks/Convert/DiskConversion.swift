import CDirectIO
import Foundation
import Glibc
public import Support
import Synchronization

/// Writes a disk as an image file, for a target that can take nothing else.
public enum DiskConversion {
  /// Converts `chain` to a file at `path`, sparse where the format allows it.
  ///
  /// The file is written in a folder beside it and moved into place when it is whole: a failed, cancelled or crashed
  /// conversion never leaves half an image at `path`, and a cancelled one is over at once.
  ///
  /// - Parameters:
  ///   - format: `raw`, `qcow2`, `vmdk`, `vpc` or `vhdx`.
  ///   - subformat: The format's own word, `streamOptimized`, `fixed`, `dynamic`; nil for its usual kind.
  ///   - options: Further options of the format, `adapter_type=lsilogic`.
  ///   - path: Where the image is wanted; nothing may be there yet.
  ///   - progress: Gets the share that is done, 0 to 1.
  /// - Throws: `disk.unsupportedFormat`, `disk.conversionExists`, `disk.noSpace`, `disk.conversionFailed`, `cancelled`.
  public static func convert(
    _ chain: DiskChain, to format: ImageFormat, subformat: String? = nil, options: [String] = [], at path: String,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws(AscendError) {
    guard ImageFormat.readable.contains(format) else {
      throw AscendError(
        "disk.unsupportedFormat", "Images of format \"\(format)\" are not written", object: path,
        remedy: "The formats are \(ImageFormat.readable.map(\.rawValue).joined(separator: ", "))")
    }
    var status = stat()
    guard lstat(path, &status) != 0, errno == ENOENT else {
      throw AscendError(
        "disk.conversionExists", "Something is there already", object: path, remedy: "Remove it, or name another path")
    }
    let target = URL(fileURLWithPath: path)
    let staging = target.deletingLastPathComponent().appendingPathComponent(
      ".\(target.lastPathComponent).converting-\(UUID().uuidString.prefix(8))")
    try StateDirectory.makePrivate(staging.path)
    defer { try? FileManager.default.removeItem(at: staging) }
    let staged = staging.appendingPathComponent(target.lastPathComponent).path
    let readable = try await ReadableChain(chain)
    defer { readable.remove() }
    let arguments = Self.arguments(readable.chain, format, subformat, options, staged)
    let meter = Mutex(ProgressMeter())
    let tool = try SupervisedTool("qemu-img", arguments) { piece in
      if let share = meter.withLock({ $0.take(piece) }) { progress(share) }
    }
    let exit = await tool.wait()
    if Task.isCancelled { throw AscendError("cancelled", "Cancelled while the disk was converted", object: path) }
    guard exit.code == 0 else {
      throw DiskSpace.error(
        QemuMessage.reason(exit.lastErrorLine), orElse: "disk.conversionFailed", "The disk cannot be converted",
        at: path)
    }
    try place(staging, beside: target)
    progress(1)
  }

  private static func arguments(
    _ chain: DiskChain, _ format: ImageFormat, _ subformat: String?, _ extra: [String], _ path: String
  ) -> [String] {
    var options = extra
    if let subformat { options.append("subformat=\(subformat)") }
    // Without it qemu-img rounds the size up to what a disk geometry of the nineties can say.
    if format == .vpc { options.append("force_size=on") }
    var arguments = ["convert", "-p", "-m", "16", "-O", format.rawValue]
    // A stream's grains must be written in their order.
    if subformat != "streamOptimized" { arguments.append("-W") }
    // Past the page cache costs half the processor time and leaves nothing to be flushed. The other formats write their
    // tables in small pieces, which a cache gathers.
    let folder = (path as NSString).deletingLastPathComponent
    if [.raw, .qcow2].contains(format), cdirectio_supported(folder) == 1 { arguments += ["-t", "none"] }
    if !options.isEmpty { arguments += ["-o", options.joined(separator: ",")] }
    return arguments + [chain.blockdevJSON(), path]
  }

  /// Moves what was written, the named file last: where it is, everything is.
  private static func place(_ staging: URL, beside target: URL) throws(AscendError) {
    let manager = FileManager.default
    do {
      let names = try manager.contentsOfDirectory(atPath: staging.path)
      let others = names.filter { $0 != target.lastPathComponent }
      for name in others + [target.lastPathComponent] {
        let destination = target.deletingLastPathComponent().appendingPathComponent(name)
        try manager.moveItem(at: staging.appendingPathComponent(name), to: destination)
      }
    } catch {
      throw .wrapping(
        error, as: "disk.conversionFailed", "The converted disk cannot be put in place", object: target.path)
    }
  }
}
