public import ConnectorDisk
import ConnectorProtocol
import Foundation
import Synchronization

/// The image of a disk as an asynchronous sequence of its bytes, in the order of the file.
///
/// ```swift
/// let image = encode(reader, as: StreamOptimizedEncoder(sizeBytes: reader.sizeBytes), digests: [.sha256])
/// for try await piece in image { try await connection.send(piece) }
/// let totals = image.totals  // bytes, digests
/// ```
///
/// Nothing is read before the first piece is asked for, and little more than what was asked for: a slow consumer slows
/// the reading. Memory is bounded by about 64 MiB, whatever the disk's size. It ends with the consumer's task, and with
/// the iterator. Each iteration reads the disk and makes the same bytes anew.
///
/// `pieces` is the same image for who can leave zeros out.
public final class EncodedImage<Encoder: ImageEncoder>: AsyncSequence, Sendable {
  public typealias Element = [UInt8]

  /// No piece has more bytes.
  public static var largestPiece: Int { EncodedImageLimits.largestPiece }

  public let reader: DiskReader
  public let encoder: Encoder
  public let digests: Set<ImageDigest>
  /// Whether the content digest of the disk is reckoned while it is read.
  public let isDigested: Bool
  private let progress: @Sendable (DiskTransfer.Progress) -> Void
  private let finished = Mutex<ImageTotals?>(nil)

  init(
    _ reader: DiskReader, _ encoder: Encoder, _ digests: Set<ImageDigest>, _ isDigested: Bool,
    _ progress: @escaping @Sendable (DiskTransfer.Progress) -> Void
  ) {
    self.reader = reader
    self.encoder = encoder
    self.digests = digests
    self.isDigested = isDigested
    self.progress = progress
  }

  /// Of the last iteration that came to its end; nil before.
  public var totals: ImageTotals? { finished.withLock { $0 } }

  public func makeAsyncIterator() -> Iterator { Iterator(run: run(conveysHoles: false)) }

  /// The image in bytes and holes: zeros are not made, not moved, and cost nothing, however many there are.
  public var pieces: Pieces { Pieces(image: self) }

  private func run(conveysHoles: Bool) -> ImageRun<Encoder> {
    let job = ImageRun<Encoder>.Job(
      reader: reader, encoder: encoder, digests: digests, isDigested: isDigested, conveysHoles: conveysHoles)
    return ImageRun(job, progress) { [self] totals in finished.withLock { $0 = totals } }
  }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let run: ImageRun<Encoder>

    /// The next piece, of at most `largestPiece` bytes and, but for the last ones, hardly less than half of that.
    ///
    /// - Throws: `diskUnsupported` where the format cannot hold the disk, `sourceUnavailable`, `sourceChanged`,
    ///   `CancellationError`.
    public mutating func next() async throws -> [UInt8]? {
      switch try await run.next() {
      case .bytes(let bytes)?: bytes
      // Does not come where holes were not asked for.
      case .zeros(let count)?: [UInt8](repeating: 0, count: Int(count))
      case nil: nil
      }
    }
  }

  /// The image as bytes and holes.
  public struct Pieces: AsyncSequence, Sendable {
    public typealias Element = ImagePiece
    fileprivate let image: EncodedImage

    public func makeAsyncIterator() -> PieceIterator { PieceIterator(run: image.run(conveysHoles: true)) }
  }

  public struct PieceIterator: AsyncIteratorProtocol {
    fileprivate let run: ImageRun<Encoder>

    /// The next piece. A hole has at least 64 KiB; where the encoder is one of disks' bytes as they are, it begins and
    /// ends at multiples of that, or at the disk's end.
    ///
    /// - Throws: The same as the iterator of bytes.
    public mutating func next() async throws -> ImagePiece? { try await run.next() }
  }
}

/// The image of the disk behind `reader`.
///
/// - Parameters:
///   - encoder: `StreamOptimizedEncoder` and its kind, of at least the reader's size.
///   - digests: What is to be computed of the image's bytes on the way, for `EncodedImage.totals`. Zeros that are
///     passed as holes count like others: some seconds for each 10 GiB.
///   - contentDigest: Whether the disk's content digest is reckoned too.
///   - progress: Is told how many bytes of the disk are dealt with, as the image is taken.
public func encode<Encoder: ImageEncoder>(
  _ reader: DiskReader, as encoder: Encoder, digests: Set<ImageDigest> = [], contentDigest: Bool = false,
  progress: @escaping @Sendable (DiskTransfer.Progress) -> Void = { _ in }
) -> EncodedImage<Encoder> {
  EncodedImage(reader, encoder, digests, contentDigest, progress)
}

/// What is known of an image at its end.
public struct ImageTotals: Hashable, Sendable {
  /// Bytes of the image.
  public var bytes: Int64
  /// Of the whole image, in lower-case hexadecimal digits.
  public var digests: [ImageDigest: String]
  public var read: DiskReader.Totals
  /// The content digest of the disk that was read, where it was asked for.
  public var content: String?
}

/// A digest of the bytes of an image, as manifests hold it.
public enum ImageDigest: String, Hashable, Sendable {
  case sha1, sha256
}
