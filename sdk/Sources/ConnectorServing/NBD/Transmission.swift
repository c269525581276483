import ConnectorProtocol
import Dispatch
import Foundation
import Synchronization

/// The requests of one connection: read on its thread, answered by tasks of their own, in whatever order they are done.
final class Transmission: Sendable {
  private static let mostSkippedBytes: UInt64 = 64 << 20

  private let socket: ClientSocket
  private let server: DiskServer
  private let agreed: Negotiation.Agreed
  private let writer: ReplyWriter
  private let places: DispatchSemaphore
  /// A reply that is not structured cannot be interleaved with another: then there is one at a time.
  private let placeCount: Int
  private let tasks = Mutex<[UInt64: Task<Void, Never>]>([:])

  init(socket: ClientSocket, server: DiskServer, agreed: Negotiation.Agreed) {
    self.socket = socket
    self.server = server
    self.agreed = agreed
    writer = ReplyWriter(socket)
    placeCount = agreed.structured ? DiskServer.requestsAtOnce : 1
    places = DispatchSemaphore(value: placeCount)
  }

  func run() {
    var number: UInt64 = 0
    while let head = socket.read(28), let request = Request(head) {
      if request.command == Wire.Command.disconnect { break }
      // Data follows that nobody wants.
      if request.command == Wire.Command.write {
        guard request.length <= Self.mostSkippedBytes, socket.skip(Int(request.length)) else { break }
      }
      places.wait()
      number += 1
      start(request, as: number)
    }
    // Who has left needs no answers; who has disconnected has waited for them.
    for task in tasks.withLock({ Array($0.values) }) { task.cancel() }
    for _ in 0..<placeCount { places.wait() }
    for _ in 0..<placeCount { places.signal() }
    writer.finish()
  }

  private func start(_ request: Request, as number: UInt64) {
    // It must be in the table before it can take itself out.
    tasks.withLock { tasks in
      tasks[number] = Task {
        let answer = Answer(request: request, disk: server.disk, agreed: agreed, writer: writer)
        if let error = await answer.give() { server.tell(error) }
        self.tasks.withLock { _ = $0.removeValue(forKey: number) }
        places.signal()
      }
    }
  }
}

/// A request as it came.
struct Request: Hashable, Sendable {
  var flags: UInt64
  var command: UInt64
  var cookie: UInt64
  var offset: UInt64
  var length: UInt64

  /// Nil where it is none: the peer is lost.
  init?(_ head: [UInt8]) {
    guard Wire.number(head[0..<4]) == Wire.requestMagic else { return nil }
    flags = Wire.number(head[4..<6])
    command = Wire.number(head[6..<8])
    cookie = Wire.number(head[8..<16])
    offset = Wire.number(head[16..<24])
    length = Wire.number(head[24..<28])
  }
}
