import Foundation
import Support
import Synchronization

/// One conversion on its way.
struct Converter: Sendable {
  var chain: DiskChain
  var kind: ImageKind
  /// Of the disk in the image, where it is to be larger.
  var sizeBytes: Int64?
  var path: String
  var tool = "qemu-img"
  var progress: @Sendable (ConversionProgress) -> Void
  var log: @Sendable (String) -> Void

  func run() async throws(AscendError) {
    guard ImageFormat.readable.contains(kind.format) else {
      throw AscendError(
        "disk.unsupportedFormat", "Images of format \"\(kind.format)\" are not written", object: path,
        remedy: "The formats are \(ImageFormat.readable.map(\.rawValue).joined(separator: ", "))")
    }
    let size = max(sizeBytes ?? 0, chain.virtualSizeBytes)
    if let most = kind.largestDisk, size > most {
      throw AscendError(
        "disk.tooLarge", "The disk is too large for its format", object: path,
        cause: "\(kind.name) holds \(Format.bytes(most)), the disk has \(size) bytes",
        remedy: "Choose another format for this disk")
    }
    let staging = try ConversionStaging(for: path)
    defer { staging.remove() }
    // The overlay's end reads as zeros: no format's own way of growing is needed.
    let source =
      size > chain.virtualSizeBytes
      ? try await Overlay.create(at: staging.work + "/larger", over: chain, sizeBytes: size) : chain
    let readable = try await ReadableChain(source)
    defer { readable.remove() }
    try await take(ConversionRoute.all(from: chain, to: kind), readable.chain, staging)
    try staging.place()
    progress(ConversionProgress(share: 1, secondsLeft: 0, bytesWritten: written(path)))
  }

  /// Takes the first route that leads there.
  ///
  /// - Throws: What the best one of qemu-img's failed with.
  private func take(
    _ routes: [ConversionRoute], _ source: DiskChain, _ staging: ConversionStaging
  ) async throws(AscendError) {
    let clock = ConversionClock(folder: staging.image)
    let told: @Sendable (Double) -> Void = { progress(clock.progress($0)) }
    var failure: AscendError?
    for (place, route) in routes.enumerated() {
      do throws(AscendError) {
        switch route {
        case .encoder: try await StreamedConversion.write(source, as: kind, at: staging.imageFile, progress: told)
        case .direct: try await convert(source, to: kind, at: staging.imageFile, told)
        case .throughRaw: try await convertTwice(source, staging, told)
        }
        return
      } catch {
        if Task.isCancelled { throw AscendError("cancelled", "Cancelled while the disk was converted", object: path) }
        guard error.code != "disk.noSpace" else { throw error }
        if route != .throughRaw { failure = error }
        guard place + 1 < routes.count else { throw failure ?? error }
        staging.clear()
        let next = routes[place + 1] == .throughRaw ? "by way of a raw image" : "by qemu-img"
        log("converting to \(kind.name) failed (\(error.cause ?? error.message)): tried again \(next)")
      }
    }
  }

  private func convertTwice(
    _ source: DiskChain, _ staging: ConversionStaging, _ told: @escaping @Sendable (Double) -> Void
  ) async throws(AscendError) {
    let raw = staging.work + "/disk.raw"
    try await convert(source, to: .raw, at: raw) { told($0 / 2) }
    let between = DiskChain(layers: [ImageLayer(path: raw, format: .raw)], virtualSizeBytes: source.virtualSizeBytes)
    try await convert(between, to: kind, at: staging.imageFile) { told(0.5 + $0 / 2) }
  }

  private func convert(
    _ source: DiskChain, to kind: ImageKind, at file: String, _ told: @escaping @Sendable (Double) -> Void
  ) async throws(AscendError) {
    let meter = Mutex(ProgressMeter())
    let arguments = kind.convertArguments(at: file) + [source.blockdevJSON(), file]
    let running = try SupervisedTool(tool, arguments) { piece in
      if let share = meter.withLock({ $0.take(piece) }) { told(share) }
    }
    let exit = await running.wait()
    guard exit.code != 0 else { return }
    throw DiskSpace.error(
      QemuMessage.reason(exit.lastErrorLine), orElse: "disk.conversionFailed", "The disk cannot be converted", at: path)
  }

  private func written(_ path: String) -> Int64 {
    var status = stat()
    return lstat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
  }
}
