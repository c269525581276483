import CCurl
import Foundation
import Synchronization

/// One thread that drives all transfers of a client through one multi handle of libcurl.
final class CurlEngine: Sendable {
  private enum Command {
    case add(Transfer)
    /// What was paused for lack of bytes, or of room for them, goes on.
    case resume(Transfer)
    case abort(Transfer, any Error)
  }

  private struct State {
    var commands: [Command] = []
    var stopped = false
  }

  /// `@unchecked Sendable`: the engine's thread alone uses the handle, but for `curl_multi_wakeup`, which may be called
  /// from any thread as long as the handle is there: `stop` is the last to call it.
  private struct Multi: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
  }

  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  /// How often idle transfers are looked for.
  private static let tickMilliseconds: Int32 = 500

  private let multi: Multi
  private let state = Mutex(State())

  init(connectionsPerHost: Int) {
    guard Self.isReady, let handle = curl_multi_init() else {
      preconditionFailure("libcurl could not be set up: memory ran out")
    }
    multi = Multi(handle: handle)
    ccurl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
    // Idle connections that are kept.
    ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, max(16, connectionsPerHost))
    let thread = Thread { [self] in loop() }
    thread.name = "http-client"
    thread.start()
  }

  func add(_ transfer: Transfer) { post(.add(transfer)) }
  func resume(_ transfer: Transfer) { post(.resume(transfer)) }
  /// Ends a transfer with an error; one that has ended already stays as it is.
  func abort(_ transfer: Transfer, _ error: any Error) { post(.abort(transfer, error)) }

  /// Ends the thread, and what it was doing.
  func stop() {
    state.withLock { state in
      state.stopped = true
      curl_multi_wakeup(multi.handle)
    }
  }

  private func post(_ command: Command) {
    let stopped = state.withLock { state in
      guard !state.stopped else { return true }
      state.commands.append(command)
      curl_multi_wakeup(multi.handle)
      return false
    }
    if stopped, case .add(let transfer) = command { transfer.finish(.failure(CancellationError())) }
  }

  // MARK: The thread

  private func loop() {
    var underway: [UnsafeMutableRawPointer: Transfer] = [:]
    while true {
      let (commands, stopped) = state.withLock { state in
        defer { state.commands = [] }
        return (state.commands, state.stopped)
      }
      for command in commands { carryOut(command, &underway) }
      if stopped { return end(&underway) }
      var running: Int32 = 0
      curl_multi_perform(multi.handle, &running)
      collect(&underway)
      endIdle(&underway)
      curl_multi_poll(multi.handle, nil, 0, underway.isEmpty ? 60_000 : Self.tickMilliseconds, nil)
    }
  }

  private func carryOut(_ command: Command, _ underway: inout [UnsafeMutableRawPointer: Transfer]) {
    switch command {
    case .add(let transfer):
      // One that was given up before it was begun is not begun.
      guard !transfer.isFinished else { return }
      underway[transfer.handle] = transfer
      transfer.attach()
      guard curl_multi_add_handle(multi.handle, transfer.handle) == CURLM_OK else {
        underway[transfer.handle] = nil
        return transfer.finish(.failure(transfer.failure(.invalidRequest, "libcurl does not take the request")))
      }
    case .resume(let transfer):
      if underway[transfer.handle] === transfer { curl_easy_pause(transfer.handle, CURLPAUSE_CONT) }
    case .abort(let transfer, let error):
      if underway[transfer.handle] === transfer { remove(transfer, &underway) }
      transfer.finish(.failure(error))
    }
  }

  private func collect(_ underway: inout [UnsafeMutableRawPointer: Transfer]) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi.handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let transfer = underway[handle]
      else { continue }
      let result = transfer.result(message.pointee.data.result)
      remove(transfer, &underway)
      transfer.finish(result)
    }
  }

  private func endIdle(_ underway: inout [UnsafeMutableRawPointer: Transfer]) {
    let now = ContinuousClock.now
    for transfer in underway.values where transfer.isIdle(now) {
      remove(transfer, &underway)
      transfer.finish(.failure(transfer.idleFailure))
    }
  }

  private func remove(_ transfer: Transfer, _ underway: inout [UnsafeMutableRawPointer: Transfer]) {
    curl_multi_remove_handle(multi.handle, transfer.handle)
    underway[transfer.handle] = nil
  }

  private func end(_ underway: inout [UnsafeMutableRawPointer: Transfer]) {
    for transfer in underway.values {
      remove(transfer, &underway)
      transfer.finish(.failure(CancellationError()))
    }
    curl_multi_cleanup(multi.handle)
  }
}
