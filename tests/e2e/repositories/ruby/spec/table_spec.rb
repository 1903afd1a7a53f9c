# frozen_string_literal: true

require 'tides/table'

RSpec.describe Tides::Table do
  subject(:table) { described_class.new({ 0 => 1.5, 1 => 3.25, 2 => 2.0 }) }

  it 'knows the hour of the highest water' do
    expect(table.highest).to eq(1)
  end

  describe '#rising?' do
    [[0, true], [1, false]].each do |hour, rising|
      it "is #{rising} at #{hour}" do
        expect(table.rising?(hour)).to be(rising)
      end
    end
  end

  context 'without the next hour' do
    it 'says so' do
      expect { table.rising?(2) }.to raise_error(KeyError)
    end
  end
end
