import Foundation

/// What comes before the first request: fixed newstyle, written from the NBD project's `doc/proto.md`.
struct Negotiation {
  /// What the client and the server have agreed on.
  struct Agreed: Hashable, Sendable {
    var structured = false
    var allocation = false
  }

  /// A client that is silent for so long before it has made its choice takes somebody else's place.
  private static let patienceSeconds = 30
  private static let mostOptionBytes: UInt64 = 64 << 10
  private static let mostOptions = 1000

  let socket: ClientSocket
  let name: String
  let sizeBytes: Int64

  private var agreed = Agreed()
  private var endsShort = false

  init(socket: ClientSocket, name: String, sizeBytes: Int64) {
    self.socket = socket
    self.name = name
    self.sizeBytes = sizeBytes
  }

  private enum Step { case next, transmit, hangUp }

  /// Nil where the client has left, or does not keep to the protocol.
  mutating func run() -> Agreed? {
    socket.setPatience(seconds: Self.patienceSeconds)
    var greeting = Wire.greeting
    greeting.append(Wire.fixedNewstyle | Wire.noZeroes, bytes: 2)
    guard socket.send(greeting), let answer = socket.read(4) else { return nil }
    let flags = Wire.number(answer[...])
    guard flags & ~(Wire.fixedNewstyle | Wire.noZeroes) == 0 else { return nil }
    endsShort = flags & Wire.noZeroes != 0
    for _ in 0..<Self.mostOptions {
      guard let head = socket.read(16), Wire.number(head[0..<8]) == Wire.optionMagic else { return nil }
      let length = Wire.number(head[12..<16])
      guard length <= Self.mostOptionBytes, let data = socket.read(Int(length)) else { return nil }
      switch take(Wire.number(head[8..<12]), data) {
      case .next: continue
      case .hangUp: return nil
      case .transmit:
        socket.setPatience(seconds: nil)
        return agreed
      }
    }
    return nil
  }

  private mutating func take(_ option: UInt64, _ data: [UInt8]) -> Step {
    switch option {
    case Wire.Option.exportName:
      guard isKnown(data[...]) else { return .hangUp }
      var facts = exportFacts
      if !endsShort { facts.append(Data(count: 124)) }
      return socket.send(facts) ? .transmit : .hangUp
    case Wire.Option.abort:
      _ = reply(option, Wire.OptionReply.ack)
      return .hangUp
    case Wire.Option.list:
      guard data.isEmpty else { return reply(option, Wire.OptionReply.invalid) }
      var entry = Data()
      entry.append(UInt64(name.utf8.count), bytes: 4)
      entry.append(Data(name.utf8))
      guard case .next = reply(option, Wire.OptionReply.server, entry) else { return .hangUp }
      return reply(option, Wire.OptionReply.ack)
    case Wire.Option.info, Wire.Option.go: return describe(option, data)
    case Wire.Option.structuredReply:
      guard data.isEmpty else { return reply(option, Wire.OptionReply.invalid) }
      agreed.structured = true
      return reply(option, Wire.OptionReply.ack)
    case Wire.Option.listMetaContext, Wire.Option.setMetaContext: return contexts(option, data)
    default: return reply(option, Wire.OptionReply.unsupported)
    }
  }

  private func describe(_ option: UInt64, _ data: [UInt8]) -> Step {
    var fields = OptionFields(data)
    guard let export = fields.text(), let count = fields.number(bytes: 2), fields.skip(2 * Int(count)), fields.isAtEnd
    else { return reply(option, Wire.OptionReply.invalid) }
    guard isKnown(export) else { return reply(option, Wire.OptionReply.unknown) }
    var facts = Data()
    facts.append(0, bytes: 2)
    facts.append(exportFacts)
    var sizes = Data()
    sizes.append(3, bytes: 2)
    for size in [1, UInt64(DiskServer.pieceBytes), Wire.mostBytes] { sizes.append(size, bytes: 4) }
    guard case .next = reply(option, Wire.OptionReply.info, facts),
      case .next = reply(option, Wire.OptionReply.info, sizes),
      case .next = reply(option, Wire.OptionReply.ack)
    else { return .hangUp }
    return option == Wire.Option.go ? .transmit : .next
  }

  private mutating func contexts(_ option: UInt64, _ data: [UInt8]) -> Step {
    var fields = OptionFields(data)
    guard agreed.structured, let export = fields.text(), let count = fields.number(bytes: 4) else {
      return reply(option, Wire.OptionReply.invalid)
    }
    var queries: [String] = []
    while queries.count < count {
      guard let query = fields.text() else { return reply(option, Wire.OptionReply.invalid) }
      queries.append(String(decoding: query, as: UTF8.self))
    }
    guard fields.isAtEnd else { return reply(option, Wire.OptionReply.invalid) }
    guard isKnown(export) else { return reply(option, Wire.OptionReply.unknown) }
    let isListing = option == Wire.Option.listMetaContext
    // A listing may ask for a whole family of contexts, or for all.
    let isWanted = queries.contains(Wire.allocation) || isListing && (queries.isEmpty || queries.contains("base:"))
    if !isListing { agreed.allocation = isWanted }
    if isWanted {
      var context = Data()
      context.append(Wire.allocationID, bytes: 4)
      context.append(Data(Wire.allocation.utf8))
      guard case .next = reply(option, Wire.OptionReply.metaContext, context) else { return .hangUp }
    }
    return reply(option, Wire.OptionReply.ack)
  }

  private func isKnown(_ export: ArraySlice<UInt8>) -> Bool { export.isEmpty || export.elementsEqual(name.utf8) }

  private var exportFacts: Data {
    var facts = Data()
    facts.append(UInt64(sizeBytes), bytes: 8)
    facts.append(Wire.exportFlags, bytes: 2)
    return facts
  }

  private func reply(_ option: UInt64, _ kind: UInt64, _ data: Data = Data()) -> Step {
    var message = Data()
    message.append(Wire.optionReplyMagic, bytes: 8)
    message.append(option, bytes: 4)
    message.append(kind, bytes: 4)
    message.append(UInt64(data.count), bytes: 4)
    message.append(data)
    return socket.send(message) ? .next : .hangUp
  }
}

/// The data of an option, read from its start.
private struct OptionFields {
  private var rest: ArraySlice<UInt8>

  init(_ data: [UInt8]) { rest = data[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number(bytes: Int) -> UInt64? {
    guard rest.count >= bytes else { return nil }
    defer { rest = rest.dropFirst(bytes) }
    return Wire.number(rest.prefix(bytes))
  }

  mutating func text() -> ArraySlice<UInt8>? {
    guard let length = number(bytes: 4), length <= UInt64(rest.count) else { return nil }
    defer { rest = rest.dropFirst(Int(length)) }
    return rest.prefix(Int(length))
  }

  mutating func skip(_ count: Int) -> Bool {
    guard rest.count >= count else { return false }
    rest = rest.dropFirst(count)
    return true
  }
}
