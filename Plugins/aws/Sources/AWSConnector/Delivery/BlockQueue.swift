package import Foundation
import Synchronization

/// A block that is to be written.
package struct Block: Sendable {
  var index: Int64
  /// 512 KiB.
  var data: Data
  /// SHA-256 of them.
  var digest: [UInt8]

  package init(index: Int64, data: Data, digest: [UInt8]) {
    self.index = index
    self.data = data
    self.digest = digest
  }
}

/// Blocks between those who read and those who send: few, so that memory stays small.
final class BlockQueue: Sendable {
  private struct State {
    var blocks: [Block] = []
    var isFinished = false
    /// Why there is nothing more.
    var failure: (any Error)?
    var isClosed = false
    var takers: [CheckedContinuation<Block?, Never>] = []
    var givers: [(Block, CheckedContinuation<Bool, Never>)] = []
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) {
    self.capacity = capacity
  }

  /// What closed it.
  var failure: (any Error)? { state.withLock { $0.failure } }

  /// Waits for room.
  ///
  /// - Throws: `CancellationError` once it is closed.
  func give(_ block: Block) async throws {
    let taken = await withCheckedContinuation { continuation in
      let (now, taker): (Bool?, CheckedContinuation<Block?, Never>?) = state.withLock { state in
        if state.isClosed { return (false, nil) }
        if !state.takers.isEmpty { return (true, state.takers.removeFirst()) }
        if state.blocks.count < capacity {
          state.blocks.append(block)
          return (true, nil)
        }
        state.givers.append((block, continuation))
        return (nil, nil)
      }
      taker?.resume(returning: block)
      if let now { continuation.resume(returning: now) }
    }
    if !taken { throw CancellationError() }
  }

  /// The next block; nil at the end.
  func take() async -> Block? {
    await withCheckedContinuation { continuation in
      let (block, isOver, giver): (Block?, Bool, CheckedContinuation<Bool, Never>?) = state.withLock { state in
        if state.isClosed { return (nil, true, nil) }
        guard !state.blocks.isEmpty else {
          if state.isFinished { return (nil, true, nil) }
          state.takers.append(continuation)
          return (nil, false, nil)
        }
        let block = state.blocks.removeFirst()
        guard !state.givers.isEmpty else { return (block, false, nil) }
        let (next, giver) = state.givers.removeFirst()
        state.blocks.append(next)
        return (block, false, giver)
      }
      giver?.resume(returning: true)
      if block != nil || isOver { continuation.resume(returning: block) }
    }
  }

  /// No more come; those that are there are still taken.
  func finish() {
    let takers = state.withLock { state in
      state.isFinished = true
      defer { state.takers = [] }
      return state.takers
    }
    for taker in takers { taker.resume(returning: nil) }
  }

  /// Nothing is taken or given any more.
  func close(_ failure: any Error) {
    let (takers, givers) = state.withLock { state in
      if !state.isClosed { state.failure = failure }
      state.isClosed = true
      defer { (state.takers, state.givers, state.blocks) = ([], [], []) }
      return (state.takers, state.givers)
    }
    for taker in takers { taker.resume(returning: nil) }
    for (_, giver) in givers { giver.resume(returning: false) }
  }
}
