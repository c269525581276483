import Foundation

/// Numbers of the NBD protocol, by the names that its document gives them.
enum Wire {
  static let greeting = Data("NBDMAGICIHAVEOPT".utf8)
  static let optionMagic: UInt64 = 0x4948_4156_454F_5054
  static let optionReplyMagic: UInt64 = 0x0003_e889_0455_65a9
  static let requestMagic: UInt64 = 0x2560_9513
  static let simpleReplyMagic: UInt64 = 0x6744_6698
  static let structuredReplyMagic: UInt64 = 0x668e_33ef

  /// `FIXED_NEWSTYLE` and `NO_ZEROES`, of the server and of the client alike.
  static let fixedNewstyle: UInt64 = 1
  static let noZeroes: UInt64 = 2
  /// `HAS_FLAGS`, `READ_ONLY`, `CAN_MULTI_CONN`.
  static let exportFlags: UInt64 = 1 | 1 << 1 | 1 << 8

  static let allocation = "base:allocation"
  static let allocationID: UInt64 = 1
  /// `STATE_HOLE` and `STATE_ZERO`.
  static let zeroState: UInt64 = 3

  /// More than this a client may not ask for at once: what it assumes where it is told nothing.
  static let mostBytes: UInt64 = 32 << 20

  enum Option {
    static let exportName: UInt64 = 1
    static let abort: UInt64 = 2
    static let list: UInt64 = 3
    static let info: UInt64 = 6
    static let go: UInt64 = 7
    static let structuredReply: UInt64 = 8
    static let listMetaContext: UInt64 = 9
    static let setMetaContext: UInt64 = 10
  }

  enum OptionReply {
    static let ack: UInt64 = 1
    static let server: UInt64 = 2
    static let info: UInt64 = 3
    static let metaContext: UInt64 = 4
    static let unsupported: UInt64 = 0x8000_0001
    static let invalid: UInt64 = 0x8000_0003
    static let unknown: UInt64 = 0x8000_0006
  }

  enum Command {
    static let read: UInt64 = 0
    static let write: UInt64 = 1
    static let disconnect: UInt64 = 2
    static let trim: UInt64 = 4
    static let writeZeroes: UInt64 = 6
    static let blockStatus: UInt64 = 7
    /// A flag of `blockStatus`.
    static let onlyOne: UInt64 = 1 << 3
  }

  enum Chunk {
    static let none: UInt64 = 0
    static let data: UInt64 = 1
    static let hole: UInt64 = 2
    static let blockStatus: UInt64 = 5
    static let error: UInt64 = 0x8001
    /// A flag of the last chunk.
    static let done: UInt64 = 1
  }

  enum Errors {
    static let notPermitted: UInt64 = 1
    static let inputOutput: UInt64 = 5
    static let invalid: UInt64 = 22
    static let shutDown: UInt64 = 108
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

extension Data {
  /// Adds the last `bytes` bytes of a number, most significant first.
  mutating func append(_ value: UInt64, bytes: Int) {
    for place in (0..<bytes).reversed() { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * place))) }
  }
}
